// Objects of Kubernetes that are pasted whole: in a Secret every value is secret, whatever its key is called. Used by
// mask.ts only.

import { maskInJson } from './mask-manifest-json.ts'
import { maskInYaml } from './mask-manifest-yaml.ts'

const MENTIONS = /\bSecret\b|stringData|\bOpaque\b|\btype["']?:[ \t]*["']?(?:bootstrap\.)?kubernetes\.io\//
const BLOCK_FOLLOWS = /:[ \t]*[|>][-+\d]{0,2}[ \t]*\r?\n/

/** The text with the values of every Secret in it replaced by `mark`, in YAML and in JSON. */
export function maskManifests(text: string, mark: string): string {
  const inJson = MENTIONS.test(text) ? maskInJson(text, mark, maskManifests) : text
  return MENTIONS.test(inJson) || BLOCK_FOLLOWS.test(inJson) ? maskInYaml(inJson, mark) : inJson
}
