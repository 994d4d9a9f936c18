// What a credential looks like in files of settings, where a name does not stand right before it. Used by mask.ts only.

import { ABOUT, named } from './mask-names.ts'
import type { MaskRule } from './mask-rules.ts'
import { isHarmless, isMixed } from './mask-values.ts'
import { pattern } from './pattern.ts'

/** The value of an attribute or entry, quoted or not. */
export const VALUE =
  String.raw`(?:\\?"(?=[^"\n])|\\?'(?=[^'\n]))?` +
  String.raw`(?<secret>(?<=")[^"\n\\]{1,2000}|(?<=')[^'\n\\]{1,2000}|[^\s"'<>,]{1,2000})`

export const FILES: MaskRule[] = [
  { kind: 'password', find: /\$(?:2[abxy]?|[156y]|apr1|argon2(?:id|i|d))\$[A-Za-z0-9./,=$+-]{20,200}/g },
  { kind: 'password', find: /\blogin[ \t]{1,20}\S{1,100}\s{1,20}password[ \t]{1,20}(?<secret>[^\s"']{1,100})/g },
  // .pgpass: the port of PostgreSQL or a pooler, or a star.
  {
    kind: 'password',
    where: /:(?:543\d|6432|6543|\*):/,
    find: /^[\w.*-]{1,100}:(?:543\d|6432|6543|\*):[^\s:]{1,60}:[^\s:]{1,60}:(?<secret>\S{1,200})$/gm,
  },
  { kind: 'password', find: named(String.raw`<(?:[a-z]{1,20}:)?‹name›>(?<secret>[^<\n]{1,500})<`) },
  {
    // A container's environment, an entry of XML: the name, then the value.
    kind: 'secret',
    find: named(
      String.raw`\b(?:name|key)\\?["']?[ \t]*[:=][ \t]*\\?["']?[\w.-]{0,60}‹name›(?!${ABOUT})\w{0,20}\\?["']?,?` +
        String.raw`(?:[\s>]{1,40}|[\s>]{0,40}\\?["'])value\\?["']?[ \t]*[:=][ \t]*(?![|>][-+\d]{0,2}\s)${VALUE}`,
    ),
  },
  {
    kind: 'secret',
    find: named(
      String.raw`\bvalue\\?["']?[ \t]*[:=][ \t]*\\?["'](?<secret>[^"'\n\\]{1,500})\\?["'],?\s{0,40}\\?["']?` +
        String.raw`name\\?["']?[ \t]*[:=][ \t]*\\?["']?[\w.-]{0,60}‹name›(?!\w)`,
    ),
  },
  { kind: 'secret', find: named(String.raw`\b(?:name|key)=["'][\w.-]{0,60}‹name›["']>(?<secret>[^<\n]{1,500})<`) },
  // Consul.
  { kind: 'secret', find: /\bencrypt["']?[ \t]*[:=][ \t]*["'](?<secret>[A-Za-z0-9+/]{21,43}={1,2})["']/g },
  {
    // Terraform.
    kind: 'secret',
    find: named(
      String.raw`\bvariable[ \t]+"\w{0,60}‹name›"[ \t]*\{[^{}]{0,300}?\bdefault[ \t]*=[ \t]*"(?<secret>[^"\n]{1,500})"`,
    ),
  },
  {
    // STRIPE_KEY=…, whatever it is the key of.
    kind: 'secret',
    find: pattern('gm')`
      ^[ \t]*(?:export[ \t]+|- )?(?![A-Z0-9_]{0,60}PUBLIC)[A-Z][A-Z0-9_]{0,60}_KEY[ \t]{0,3}=[ \t]{0,3}["']?
      (?<secret>[^\s"']{16,2000})`,
    accept: (secret) => isMixed(secret) && !isHarmless(secret, true) && !/^(?:\/|https?:)/.test(secret),
  },
]
