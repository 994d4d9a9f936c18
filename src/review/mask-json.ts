// The same for JSON: every text in it is masked, and whatever stands under a key like `password` is removed.

import { maskSecrets } from './mask.ts'
import { isSecretKey } from './mask-names.ts'
import { maskFor } from './mask-rules.ts'
import { isMasked } from './mask-values.ts'

type Entries = Record<string, unknown>

/** What describes a secret and is none: `secret: {name: db}`, `token: {ttl: 3600}`. */
const DESCRIBES =
  /^(?:name|namespace|secretName|key|type|kind|path|items|optional|enabled|mode|defaultMode|ttl|\w+(?:Seconds|Ref|At))$/

/** The same JSON value with every text in it masked, and every text or number under a key like `password` removed. */
export function maskJson<T>(value: T): T {
  return maskValue(value) as T
}

function maskValue(value: unknown): unknown {
  if (typeof value === 'string') return maskSecrets(value)
  if (Array.isArray(value)) return value.map(maskValue)
  return isObject(value) ? mapped(value, (key, inner) => maskEntry(key, inner, value)) : value
}

function maskEntry(key: string, value: unknown, beside: Entries): unknown {
  if (key === 'stringData' || (key === 'data' && beside.kind === 'Secret')) return removeAll(value)
  const isValue = key === 'value' && typeof beside.name === 'string' && isSecretKey(beside.name)
  return isValue || isSecretKey(key) ? removeAll(value, maskValue) : maskValue(value)
}

/** Under a telling name every text and number is a secret, however it is wrapped, but for what may describe it. */
function removeAll(value: unknown, describing: (value: unknown) => unknown = removeAll): unknown {
  if (typeof value === 'string') return value === '' || isMasked(value) ? value : maskFor('secret')
  if (typeof value === 'number') return maskFor('secret')
  if (Array.isArray(value)) return value.map((inner) => removeAll(inner, describing))
  if (!isObject(value)) return value
  return mapped(value, (key, inner) => {
    if (key === 'data' || key === 'stringData') return removeAll(inner)
    return DESCRIBES.test(key) ? describing(inner) : removeAll(inner, describing)
  })
}

function mapped(value: Entries, change: (key: string, inner: unknown) => unknown): Entries {
  return Object.fromEntries(Object.entries(value).map(([key, inner]) => [maskSecrets(key), change(key, inner)]))
}

function isObject(value: unknown): value is Entries {
  return typeof value === 'object' && value !== null
}
