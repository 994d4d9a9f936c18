// Numbers and versions in subjects: where they differ, two tickets alike are two of a series. Called by duplicates.ts.

/** Kind by kind, since a version says nothing against a year, nor a count against the digits of a name. */
export type Numbers = ReadonlyMap<string, ReadonlySet<string>>

const NUMBER = /cve-\d+-\d+|(\p{L}*)(\d+(?:\.\d+)*)/giu

export function numbersOf(subject: string): Numbers {
  const found = new Map<string, Set<string>>()
  for (const [whole, letters, digits] of subject.toLowerCase().matchAll(NUMBER)) {
    const [kind, number] = digits === undefined ? ['cve', whole] : [kindOf(letters ?? '', digits), digits]
    found.set(kind, (found.get(kind) ?? new Set()).add(number.replace(/(?:\.0)+$/, '')))
  }
  return found
}

/** `v1.31` and `1.31` are versions; `jdk11` is a jdk, and `x509` an x, whatever else has a number. */
function kindOf(letters: string, digits: string): string {
  return digits.includes('.') ? 'version' : letters
}

/**
 * How the numbers of two subjects differ: `all` where each names one that the other does not, of the same kind, and they
 * have none in common ("upgrade to 3.3.1" and "upgrade to 3.3.2"); `some` where they have others in common; else null.
 */
export function differInNumbers(a: Numbers, b: Numbers): 'all' | 'some' | null {
  const kinds = [...a.keys()].filter((kind) => b.has(kind))
  const pairs = kinds.map((kind) => [a.get(kind) ?? NONE, b.get(kind) ?? NONE] as const)
  if (!pairs.some(([here, there]) => hasOwn(here, there) && hasOwn(there, here))) return null
  return pairs.some(([here, there]) => [...here].some((number) => isNamed(number, there))) ? 'some' : 'all'
}

const NONE: ReadonlySet<string> = new Set()

function hasOwn(numbers: ReadonlySet<string>, others: ReadonlySet<string>): boolean {
  return [...numbers].some((number) => !isNamed(number, others))
}

/** 1.31 is said where 1.31.1 is: people leave out what they think does not matter. */
function isNamed(number: string, others: ReadonlySet<string>): boolean {
  return [...others].some((other) => `${other}.`.startsWith(`${number}.`) || `${number}.`.startsWith(`${other}.`))
}
