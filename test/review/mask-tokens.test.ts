// Tokens and keys that can be told by their shape, wherever they stand.

import { describe, it } from 'vitest'
import { base64, expectMasked, hex, jwt, letters, lines, pem } from './mask-support.ts'

const upper = (length: number) => letters(length).toUpperCase()
const digits = (length: number) => '1234567890'.repeat(5).slice(0, length)

const TOKENS = {
  GitHub: [`ghp_${letters(36)}`, `github_pat_${letters(22)}_${letters(59)}`, `ghs_${letters(36)}`],
  GitLab: [`glpat-${letters(20)}`, `glrt-${letters(20)}`, `gldt-${letters(20)}`, `glptt-${hex(40)}`],
  Slack: [`xoxb-${digits(12)}-${digits(12)}-${letters(24)}`, `xapp-1-A0123-${digits(12)}-${hex(64)}`],
  Stripe: [`sk_live_${letters(24)}`, `rk_test_${letters(24)}`, `whsec_${letters(32)}`],
  Twilio: [`SK${hex(32)}`],
  'SendGrid and Mailgun': [`SG.${letters(22)}.${letters(43)}`, `key-${hex(32)}`],
  'OpenAI and Anthropic': [`sk-proj-${letters(40)}`, `sk-${letters(48)}`, `sk-ant-api03-${letters(93)}AA`],
  'Groq and Hugging Face': [`gsk_${letters(52)}`, `hf_${letters(34)}`],
  'npm and PyPI': [`npm_${letters(36)}`, `pypi-AgEIcHlwaS5vcmc${letters(60)}`],
  DigitalOcean: [`dop_v1_${hex(64)}`, `doo_v1_${hex(64)}`, `dor_v1_${hex(64)}`],
  Docker: [`dckr_pat_${letters(27)}`, `dckr_oat_${letters(32)}`],
  'Cloudflare and Tailscale': [`cfut_${letters(40)}${hex(8)}`, `tskey-auth-${letters(12)}-${letters(32)}`],
  'New Relic': [`NRAK-${upper(27)}`, `${hex(36)}NRAL`],
  Grafana: [`glsa_${letters(32)}_${hex(8)}`, `glc_eyJ${letters(60)}=`],
  HashiCorp: [`hvs.${letters(95)}`, `hvb.${letters(140)}`, `${letters(14)}.atlasv1.${letters(67)}`],
  'Linear, Notion and Figma': [`lin_api_${letters(40)}`, `ntn_${digits(11)}${letters(35)}`, `figd_${letters(40)}`],
  'Shopify and Square': [`shpat_${hex(32)}`, `sq0csp-${letters(43)}`],
  'Databricks and Vercel': [`dapi${hex(32)}`, `vcp_${letters(24)}`],
  Telegram: [`${digits(10)}:AA${letters(33)}`],
  Discord: [`MTIz${letters(22)}.${letters(6)}.${letters(38)}`],
  Atlassian: [`ATATT3xFfGF0${letters(170)}=${upper(8)}`],
  Sentry: [`sntrys_eyJ${letters(80)}`, `sntryu_${hex(64)}`],
  Google: [`AIza${letters(35)}`, `ya29.${letters(60)}`, `GOCSPX-${letters(28)}`],
  '1Password': [`ops_${base64(`{"token": "${letters(141)}"}`)}`],
  'Postman, Doppler and Pulumi': [`PMAK-${hex(24)}-${hex(34)}`, `dp.pt.${letters(43)}`, `pul-${hex(40)}`],
  Amazon: ['AKIAIOSFODNN7EXAMPLE', 'ASIAIOSFODNN7EXAMPLE', `ABSK${letters(60)}=`],
  Deskwire: [`dw_${letters(43)}`],
  age: [`AGE-SECRET-KEY-1${upper(58)}`],
  'a JSON web token': [jwt, `${jwt.slice(0, -43)}`],
}

const PLACES = {
  'a webhook of Slack': `https://hooks.slack.com/services/«T0123ABCD/B0123ABCD/${letters(24)}»`,
  'a webhook of Discord': `https://discord.com/api/webhooks/${digits(18)}/«${letters(68)}»`,
  'a webhook of Teams': lines`
    https://x.webhook.office.com/webhookb2/«${hex(36)}@${hex(36)}/IncomingWebhook/${hex(32)}/${hex(36)}»`,
  'a room of Google Chat': lines`
    https://chat.googleapis.com/v1/spaces/AAA/messages?key=«AIza${letters(35)}»&token=«${letters(43)}»`,
  'a DSN of Sentry': `https://«${hex(32)}»@o123.ingest.sentry.io/456`,
  'a bot of Telegram': `https://api.telegram.org/bot«${digits(10)}:AA${letters(33)}»/sendMessage`,
}

const KEYS = {
  'an RSA key': `our key:\n«${pem('RSA PRIVATE KEY')}»\nthanks`,
  'an EC key': `«${pem('EC PRIVATE KEY', 2)}»`,
  'an OpenSSH key': `«${pem('OPENSSH PRIVATE KEY', 5)}»`,
  'an encrypted key': `«${pem('ENCRYPTED PRIVATE KEY')}»`,
  'a key with headers': lines`
    «-----BEGIN RSA PRIVATE KEY-----
    Proc-Type: 4,ENCRYPTED
    DEK-Info: AES-128-CBC,${hex(32)}

    ${letters(64)}
    -----END RSA PRIVATE KEY-----»`,
  'a key of PGP': lines`
    «-----BEGIN PGP PRIVATE KEY BLOCK-----
    Version: GnuPG v2

    ${letters(64)}
    =abcd
    -----END PGP PRIVATE KEY BLOCK-----»`,
  'a key that is cut off': `«-----BEGIN PRIVATE KEY-----\n${letters(64)}\n${letters(20)}»`,
  'a key with headers that is cut off': lines`
    «-----BEGIN RSA PRIVATE KEY-----
    Proc-Type: 4,ENCRYPTED
    DEK-Info: AES-128-CBC,${hex(32)}

    ${letters(64)}
    ${letters(30)}»`,
  'a key that is cut off, and text after it': `«-----BEGIN PRIVATE KEY-----\n${letters(64)}»\n\nThat is our key.`,
  'a key whose beginning is missing': lines`
    log:
    «${letters(64)}
    ${letters(64)}
    ${letters(12)}==
    -----END PRIVATE KEY-----»`,
  'a key in YAML': lines`
    tls:
      key: |
        «${pem('PRIVATE KEY')}»
      crt: x`,
  'a key in JSON': `{"key": "«${pem('PRIVATE KEY').replaceAll('\n', '\\n')}»\\n", "b": 1}`,
  'a key in a mail': `> key:\n> «${pem('PRIVATE KEY').replaceAll('\n', '\n> ')}»\n> bye`,
  'a key on one line': `KEY="«${pem('PRIVATE KEY').replaceAll('\n', ' ')}»"`,
  'a key of PuTTY': lines`
    PuTTY-User-Key-File-3: ssh-ed25519
    Encryption: none
    Private-Lines: 1
    «${letters(48)}»
    Private-MAC: ${hex(64)}`,
  'a key and its certificate': `${pem('CERTIFICATE')}\n«${pem('PRIVATE KEY')}»\n${pem('CERTIFICATE')}`,
  'two keys': `«${pem('PRIVATE KEY')}»\nand\n«${pem('EC PRIVATE KEY')}»`,
}

describe('maskSecrets on tokens', () => {
  const tokens = Object.entries(TOKENS).flatMap(([whose, all]) => all.map((token) => [whose, token] as const))

  it.each(tokens)('takes out a token of %s wherever it stands: %s', (_, token) => {
    expectMasked(`we use «${token}» in CI`)
    expectMasked(`(«${token}»)`)
    expectMasked(`"«${token}»",`)
    expectMasked(`\`«${token}»\``)
    expectMasked(`«${token}»\nand`)
  })

  it.each(Object.entries(PLACES))('takes the secret part out of %s', (_, text) => expectMasked(text))
  it.each(Object.entries(KEYS))('takes out %s', (_, text) => expectMasked(text))
})
