// The map of a multipart request: where in the operation its files belong.

/**
 * What is wrong with a path of the map, in a sentence; null where nothing is. Each must lead over what `operations` has
 * to one of its variables. What is no JSON, or no object, is for the parser of the request to refuse.
 */
export function wrongPath(operations: string, map: string): string | null {
  const [asked, paths] = [parsed(operations), parsed(map)]
  if (!isObject(asked) || !isObject(paths)) return null
  const wrong = Object.values(paths)
    .flat()
    .find((path) => typeof path === 'string' && !isVariable(asked, path))
  if (wrong === undefined) return null
  const shown = JSON.stringify(wrong.slice(0, LONGEST_SHOWN))
  return `The path ${shown} of the map leads to no variable of operations (graphql-multipart-request-spec).`
}

const LONGEST_SHOWN = 100
/** Even where JSON has made own fields of them. */
const INHERITED = new Set(['__proto__', 'constructor', 'prototype'])

function isVariable(operations: object, path: string): boolean {
  const [root, ...steps] = path.split('.')
  let place: unknown = operations
  for (const step of [root as string, ...steps]) {
    if (!isObject(place) || INHERITED.has(step) || !Object.hasOwn(place, step)) return false
    place = place[step as keyof typeof place]
  }
  return root === 'variables' && steps.length > 0
}

const isObject = (value: unknown): value is object => typeof value === 'object' && value !== null

function parsed(text: string): unknown {
  try {
    return JSON.parse(text)
  } catch {
    return undefined
  }
}
