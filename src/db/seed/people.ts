// Who takes part in the demonstration: two customers and the support team, with their programs.

import type { Role, TokenScope } from '../../generated/prisma/client.ts'

export const CUSTOMERS = ['acme', 'globex'] as const
export type Customer = (typeof CUSTOMERS)[number]

/** `since`: for how many days they have been here. */
export const ORGANISATIONS = {
  acme: { name: 'Acme', slug: 'acme', since: 612 },
  globex: { name: 'Globex', slug: 'globex', since: 238 },
} as const satisfies Record<Customer, { name: string; slug: string; since: number }>

export type PersonOf = { name: string; email: string; since: number } & (
  | { of: Customer; role: Role }
  | { of: 'team'; role: 'team' }
)

export const PEOPLE = {
  mara: { of: 'acme', name: 'Mara Lindqvist', email: 'mara@acme.example', role: 'admin', since: 612 },
  tomasz: { of: 'acme', name: 'Tomasz Wójcik', email: 'tomasz@acme.example', role: 'member', since: 430 },
  priya: { of: 'acme', name: 'Priya Raman', email: 'priya@acme.example', role: 'member', since: 95 },
  daniel: { of: 'globex', name: 'Daniel Okafor', email: 'daniel@globex.example', role: 'admin', since: 238 },
  lea: { of: 'globex', name: 'Léa Fournier', email: 'lea@globex.example', role: 'member', since: 201 },
  jonas: { of: 'team', name: 'Jonas Weber', email: 'jonas@deskwire.example', role: 'team', since: 640 },
  ines: { of: 'team', name: 'Inês Carvalho', email: 'ines@deskwire.example', role: 'team', since: 520 },
  sam: { of: 'team', name: 'Sam Adeyemi', email: 'sam@deskwire.example', role: 'team', since: 160 },
} as const satisfies Record<string, PersonOf>

export type Person = keyof typeof PEOPLE

interface ProgramOf {
  of: Customer | 'team'
  name: string
  scopes: readonly TokenScope[]
  since: number
}

/** Bearer tokens; what a program writes bears its name. */
export const PROGRAMS = {
  acmeOps: { of: 'acme', name: 'Acme ops automation', scopes: ['tickets_read', 'tickets_write'], since: 210 },
  globexWatch: { of: 'globex', name: 'Globex monitoring', scopes: ['tickets_read', 'tickets_write'], since: 120 },
  desk: {
    of: 'team',
    name: 'Platform bridge',
    scopes: ['tickets_read', 'tickets_write', 'clusters_write'],
    since: 400,
  },
} as const satisfies Record<string, ProgramOf>

export type Program = keyof typeof PROGRAMS
export type Who = Person | Program
