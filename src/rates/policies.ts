// How often somebody may do what: every rate limit of the service stands here, and the README's table repeats it.

export interface Policy {
  /** As the headers RateLimit and RateLimit-Policy name it. */
  name: string
  /** What is counted, in the plural, for the sentence of a refusal. */
  what: string
  max: number
  /** In seconds; no span of this length has more than `max`. */
  window: number
}

const MINUTE = 60

/** Of operations, for each person or token, over all transports together. */
export const OPERATION_POLICIES = {
  /** Lists, tickets, downloads, the start of a subscription. */
  read: { name: 'read', what: 'reads', max: 3000, window: MINUTE },
  /** Whatever changes something. */
  write: { name: 'write', what: 'changes', max: 240, window: MINUTE },
  /** Has a draft reviewed: it searches all tickets for ones alike, and may ask a model that costs money. */
  review: { name: 'review', what: 'reviews', max: 60, window: MINUTE },
  upload: { name: 'upload', what: 'uploads', max: 60, window: MINUTE },
} as const satisfies Record<string, Policy>

export type RateClass = keyof typeof OPERATION_POLICIES

/** For each address: who shows no credentials, or tries some. Offices share an address, so these are wide. */
export const ADDRESS_POLICIES = {
  /** What is asked without credentials, or with ones that are no good. */
  anonymous: { name: 'anonymous', what: 'requests without valid credentials', max: 600, window: MINUTE },
  signIn: { name: 'sign-in', what: 'attempts to sign in from one address', max: 50, window: 5 * MINUTE },
  /** For each address and e-mail address together. */
  signInAs: { name: 'sign-in-as', what: 'attempts to sign in to one account', max: 10, window: 5 * MINUTE },
  signUp: { name: 'sign-up', what: 'new accounts from one address', max: 10, window: 10 * MINUTE },
  password: { name: 'password', what: 'attempts to set a password from one address', max: 60, window: 5 * MINUTE },
} as const satisfies Record<string, Policy>

/** "At most 60 reviews a minute; try again in 12 seconds." */
export function sentenceOf({ what, max, window }: Policy, seconds: number): string {
  const span = window === MINUTE ? 'a minute' : `in ${window / MINUTE} minutes`
  return `At most ${max} ${what} ${span}; try again in ${seconds} second${seconds === 1 ? '' : 's'}.`
}
