// Secrets that are told in words, printed on a line of their own or laid out in a table. Used by mask.ts only.

import { VALUE } from './mask-files.ts'
import { named } from './mask-names.ts'
import type { MaskRule } from './mask-rules.ts'
import { isHarmless, isMixed } from './mask-values.ts'
import { pattern } from './pattern.ts'

const SETTING = 'setx|set|ENV|SetEnv|fastcgi_param|uwsgi_param|proxy_set_header'

/** On the next line alone, as a form or a tool prints it. */
const BELOW = String.raw`[ \t]*\r?\n\s{0,40}["'\x60]?(?<secret>[^\s"'\x60]{6,2000})["'\x60]?,?[ \t\r]*$`

/** A word that is none: with digits and letters, and without the marks that end a sentence. */
const WORD = String.raw`(?<secret>[^\s"'\x60,;|]{3,99}[^\s"'\x60,;|.!?)])`

export const WORDS: MaskRule[] = [
  {
    kind: 'secret',
    find: named(String.raw`(?:‹name›["']?\*{0,2}:\*{0,2}|^[ \t*#>-]{0,8}‹name›\*{0,2})${BELOW}`, 'gim'),
    accept: (secret) => isMixed(secret) && !secret.endsWith(':') && !isHarmless(secret, true),
  },
  {
    kind: 'secret',
    find: named(String.raw`\b(?:(?:${SETTING})[ \t]{1,4}[\w-]{0,60}‹name›|requirepass|masterauth)[ \t]{1,4}${VALUE}`),
  },
  {
    // What was decoded.
    kind: 'secret',
    find: pattern('g')`
      \.(?:data|token)\b[^\n]{0,200}\|[ \t]{0,3}base64[ \t]+(?:-d|-D|--decode)[ \t]*\r?\n(?<secret>\S{4,2000})(?=\s|$)`,
  },
  {
    kind: 'password',
    find: /\b(?:identified[ \t]{1,3}by|with[ \t]{1,3}password)[ \t]{1,3}["'](?<secret>[^"'\n]{1,200})["']/gi,
  },
  {
    kind: 'password',
    find: named(
      String.raw`\b(?:(?:with|using|mit|con|avec)(?:[ \t]{1,3}(?:the|dem|la|le))?|` +
        String.raw`(?:user(?:name)?|login|benutzer)[ \t]{1,3}\S{1,60}[ \t,]{1,3}(?:(?:and|und|et|y)[ \t]{1,3})?)` +
        String.raw`[ \t]{0,3}‹password›[ \t]{1,3}${WORD}`,
    ),
    accept: isMixed,
  },
  {
    kind: 'password',
    find: named(
      String.raw`\b(?:credentials?|creds|login|zugangsdaten|user(?:name)?[ /]{1,3}pass(?:word)?)` +
        String.raw`[ \t]{0,3}[:=][ \t]{0,3}[\w.@-]{2,60}[ \t]{0,2}[/:|][ \t]{0,2}${WORD}`,
    ),
    accept: isMixed,
  },
  {
    kind: 'password',
    where: /password|passwort|passe|contrase/i,
    find: named(
      String.raw`(?<!\S)["'\x60]?(?<secret>[^\s"'\x60]{4,100})["'\x60]?[ \t]{1,3}(?:as|als|comme|como)[ \t]{1,3}` +
        String.raw`(?:(?:the|my|our|das)[ \t]{1,3})?‹password›\b`,
    ),
    accept: isMixed,
  },
  {
    kind: 'password',
    find: /(?<![\w.@/:-])(?:admin|root)(?::|[ \t]\/[ \t])(?<secret>[^\s"'`,;|/.():]{5,100})(?=[\s"'`,;).]|$)/g,
    accept: isMixed,
  },
  {
    // A table of Markdown.
    kind: 'password',
    find: named(
      String.raw`\|[ \t]{0,20}[*\x60]{0,2}‹name›[*\x60]{0,2}[ \t]{0,20}\|[ \t]{0,20}` +
        String.raw`\x60?(?<secret>[^\s|\x60]{3,200})\x60?[ \t]{0,20}\|`,
    ),
    accept: (secret) => !isHarmless(secret, true) || isMixed(secret),
  },
]
