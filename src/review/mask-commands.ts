// Command lines whose options or input are credentials, where no name says so. Used by mask.ts only.

import type { MaskRule } from './mask-rules.ts'
import { pattern } from './pattern.ts'

export const COMMANDS: MaskRule[] = [
  {
    kind: 'password',
    find: /[ \t](?:-u[ \t]?|--user[ \t=])[^\s:"']{1,100}:(?<secret>[^\s"']{1,200})/g,
    accept: notAnId,
  },
  { kind: 'password', find: /[ \t](?:-u[ \t]?|--user[ \t=])["'][^\s:"']{1,100}:(?<secret>[^"'\n]{1,200})/g },
  { kind: 'password', find: /\bmysql[a-z]{0,8}\b[^\n]{0,200}?[ \t]-p(?<secret>[^\s-][^\s]{2,100})/g },
  {
    kind: 'password',
    find: pattern('g')`
      \b(?:(?:docker|podman|nerdctl|buildah|skopeo|crane|registry|oc|az)[ \t]login\b[^\n]{0,200}?[ \t]-p|sshpass[ \t]-p|
      mongo[a-z]{0,8}[ \t][^\n]{0,200}?[ \t]-p|redis-cli\b[^\n]{0,200}?[ \t]-a|ldap[a-z]{3,8}[ \t][^\n]{0,200}?[ \t]-w)
      [ \t]?["']?(?<secret>(?<=["'])[^"'\n]{1,200}|[^\s"'-][^\s"']{1,200})`,
  },
  {
    kind: 'password',
    find: /(?:\bsudo[ \t]-S|--with-token|--password-stdin)[ \t]*<<<[ \t]*["']?(?<secret>[^\s"']{1,300})/g,
  },
  { kind: 'password', find: /\bhttps?[ \t]-a[ \t][\w.@-]{1,60}:(?<secret>[^\s"']{1,200})/g },
  {
    kind: 'password',
    find: /\bhtpasswd[ \t]-[a-zA-Z]{0,6}b[a-zA-Z]{0,6}[ \t]\S{1,100}[ \t]\S{1,60}[ \t]["']?(?<secret>[^\s"']{1,200})/g,
  },
  {
    kind: 'password',
    find: /\b(?:unzip\b[^\n]{0,100}?[ \t]-P[ \t]?|7z[ar]?[ \t][^\n]{0,100}?[ \t]-p)["']?(?<secret>[^\s"']{1,200})/g,
  },
  { kind: 'password', find: /-pass(?:in|out)?[ \t]pass:(?<secret>[^\s"']{1,200})/g },
  {
    kind: 'secret',
    find: /\bcurl\b[^\n]{0,400}?[ \t](?:-b[ \t]?|--cookie[ \t=])["']?(?<secret>[\w.-]{1,100}=[^\n"']{1,4000})/g,
  },
  {
    // A password that is piped into a login.
    kind: 'password',
    find: pattern('g')`
      \becho[ \t]{1,3}(?:-n[ \t]{1,3})?["']?(?<secret>[^\s"'|](?:[^\n"'|]{0,200}[^\s"'|])?)["']?[ \t]{0,3}\|
      [^\n|]{0,200}(?:-stdin\b|--with-token|passwd\b|sudo[ \t]-S|base64\b)`,
  },
  {
    // Whatever it is called, it goes into a Secret.
    kind: 'secret',
    find: pattern('g')`
      --from-literal(?<=create[ \t]secret(?:[^\n]|\\\r?\n){0,400})[= ]["']?[\w.-]{1,100}=
      (?:"(?=[^"\n])|'(?=[^'\n]))?(?<secret>(?<=["'])[^"'\n]{1,2000}|[^\s"']{1,2000})`,
  },
]

/** `docker run -u 1000:1000` names ids. */
function notAnId(secret: string): boolean {
  return !/^\d{1,6}$/.test(secret)
}
