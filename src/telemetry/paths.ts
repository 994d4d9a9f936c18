// All addresses there are, for those who watch the service: the door that each belongs to, and its template, in which
// nothing of a request is left.

import { BASE_PATH } from '../auth/handler.ts'
import { SET_PASSWORD_PATH } from '../auth/set-password.ts'
import { REST_PATHS } from '../rest/server.ts'
import { METRICS_PATH } from './endpoint.ts'
import type { Door } from './metrics.ts'

/** Behind BASE_PATH, whatever is open there. */
const AUTH_ROUTES = ['sign-in/email', 'sign-up/email', 'sign-out', 'get-session', 'change-password']
const HEALTH = ['/healthz', '/readyz', METRICS_PATH]

export const PATHS: readonly string[] = [
  '/',
  '/graphql',
  ...HEALTH,
  SET_PASSWORD_PATH,
  ...AUTH_ROUTES.map((route) => `${BASE_PATH}/${route}`),
  ...REST_PATHS,
]

const REST = /^\/(org\/support\/tickets|api\/v1)(\/|$)/

export function doorOf(path: string): Door {
  if (path === '/graphql') return 'graphql'
  if (HEALTH.includes(path)) return 'health'
  if (path === SET_PASSWORD_PATH || path.startsWith(`${BASE_PATH}/`)) return 'auth'
  return REST.test(path) ? 'rest' : 'other'
}
