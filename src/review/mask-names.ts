// Names whose value is a secret, and what may stand beside one without being secret. Used by mask*.ts only.

/** Whatever stands beside these is a password. */
const PASSWORD = `passw(?:or)?d|passwort|passphrase|pass|pwd|pw|kennwort|contrase[ñn]a|mot de passe|mdp|
  senha|wachtwoord|парол[ья]|密码|パスワード`
/** These name a key, a token or a secret, and never the object that holds it. */
const KEY = String.raw`(?:api|app|access|account|auth|encryption|signing|master|private|shared(?:[ _-]?access)?|
  pre[ _-]?shared|session|subscription|license|admin|hmac|webhook|deploy|certificate|client|unseal|recovery|
  integration|service)[ _.-]?key(?:[ _-](?:data|base64|pem|\d{1,2})\b|data|pem)?|
  (?:auth|access|refresh|id|identity|session|bot|api|registry|security|csrf|xsrf|deploy|bootstrap|root)[ _.-]?token|
  psk|(?:api[ -]?|zugangs)schlüssel|zugangstoken|clé (?:api|privée)|
  (?:client|consumer|api|app|jwt|webhook|auth|oauth|shared|cookie|session|signing|token|encryption)[ _-]?secret`
/** Beside these the name of an object may stand as well, a count or a word: the value has to look like a secret. */
const WORD = String.raw`secret[ _-]?(?:access[ _-]?)?key|token|bearer(?=["']?[ \t]*[:=])|
  (?<!pull|existing|checksum\/|:)secret`

const joined = (names: string) => names.replace(/\n\s*/g, '')

/** Any of the names, in groups that say which sort it is. */
export const NAME = `(?:(?<password>${joined(PASSWORD)})|(?<key>${joined(KEY)})|(?<word>${joined(WORD)}))`
/** Any of the names, without groups. */
const ANY_NAME = `(?:${joined(PASSWORD)}|${joined(KEY)}|${joined(WORD)})`
/** The names of passwords alone. */
const PASSWORD_NAME = `(?:${joined(PASSWORD)})`

/** A pattern with any of the names for ‹name›, and those of passwords for ‹password›. */
export const named = (text: string, flags = 'gi') =>
  new RegExp(text.replaceAll('‹name›', ANY_NAME).replaceAll('‹password›', PASSWORD_NAME), flags)

const WHOLE_KEY = new RegExp(`(?:^|[_. -])${ANY_NAME}$`)
const CREDENTIAL_KEY = /^(?:authorization|proxy-authorization|bearer|cookie|set-cookie|_?auth)$/i

/** `dbPassword`, `DB_PASSWORD` and `db-password` alike. */
export function isSecretKey(key: string): boolean {
  return WHOLE_KEY.test(key.replace(/([a-z])([A-Z])/g, '$1_$2').toLowerCase()) || CREDENTIAL_KEY.test(key)
}

/** The types of Secrets that Kubernetes knows. */
export function isSecretType(type: string): boolean {
  return /^(?:Opaque|(?:bootstrap\.)?kubernetes\.io\/[a-z-]+)$/.test(type)
}

/** What a variable of the environment says after the name when it is not the secret itself: `TOKEN_TTL`. */
export const ABOUT = joined(String.raw`
  _(?:FILE|PATH|DIR|NAME|TTL|UR[LI]|ENDPOINT|HOST|PORT|ID|USER|LENGTH|LEN|MIN|MAX|POLICY|EXPIR\w*|TIMEOUT|LIFETIME|TYPE|
  ENABLED|DISABLED|REQUIRED|REF|SIZE|COUNT|LIMIT|AGE|DAYS|HOURS|ROTATION|HEADER|PREFIX|FIELD|VERSION|ALGORITHM|ISSUER|
  AUDIENCE|NAMESPACE|PROVIDER|STORE|MANAGER)(?:_|(?!\w))`)
const IS_ABOUT = new RegExp(ABOUT)

/** Whether a name with `suffix` after it still names a secret: `TOKEN_GITHUB` does. */
export function isNamed(suffix: string): boolean {
  return /^\d*$/.test(suffix) || (suffix === suffix.toUpperCase() && !IS_ABOUT.test(suffix))
}

/** `pass` and `pw` are names only where a word begins: not in `bypass`. */
export function isWord(name: string, before: string): boolean {
  if (name.length > 4 || !/\p{L}/u.test(before)) return true
  return /\p{Lu}/u.test(name.charAt(0)) && /\p{Ll}/u.test(before)
}
