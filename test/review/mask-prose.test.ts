// Secrets told in words, and the marks that people put around them.

import { describe, it } from 'vitest'
import { expectMasked } from './mask-support.ts'

const SECRETS = [
  'the password is «hunter2!»',
  'The password is: «swordfish»',
  'the password is "«swordfish»", please try',
  'my password is `«swordfish»`',
  'Our password was «Winter2026» until May.',
  'log in as admin with password «hunter2» and look',
  'with the password «S3cret!x» it fails',
  'root password for db-1: «hunter2»',
  'das Passwort lautet «Geheim123».',
  'Das Kennwort ist «Sommer2026!»',
  'Kennwort: «geheim»',
  'le mot de passe est «Azerty123»',
  'mot de passe : «azerty»',
  'la contraseña es «Secreto1»',
  'contraseña: «secreto»',
  'contrasena: «secreto»',
  'la password è «Segreta1»',
  'a senha é «Segredo1»',
  'het wachtwoord is «Geheim12»',
  'пароль: «секрет1»',
  '密码：«hunter2»',
  'user: admin\npass: «swordfish»',
  'User admin, PW: «geheim7»',
  'PASSWORD: «SWORDFISH»',
  'PassWord=«swordfish»',
  '**Password:** «hunter2»',
  '**Password**: «hunter2»',
  '- *password*: `«hunter2»`',
  '| password | «hunter2» |\n| user | admin |',
  'password: “«hunter2»”',
  'password: ‘«sword fish»’',
  'Passwort: „«Geheim1»“',
  'password\t=\t«hunter2»',
  'password:«hunter2»',
  'API key: «abcdefgh12345»',
  'the token is «abcdefgh12345678»',
  'our api key is `«abcdefgh»`',
  'client secret: «abcDEFghi1»',
  'credentials: admin / «hunter2»',
  'login: admin/«hunter2»',
  '```\npassword = «hunter2»\n```',
]

describe('maskSecrets on prose', () => {
  it.each(SECRETS)('takes the secret, and nothing else, out of %j', (text) => expectMasked(text))
})
