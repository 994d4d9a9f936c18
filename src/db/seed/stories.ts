// All stories of the demonstration. Their texts are data: whoever adds one needs to know nothing of how they are told.

import { acmeEarlier } from './acme-earlier.ts'
import { acmeLately } from './acme-lately.ts'
import { acmeRequests } from './acme-requests.ts'
import { globexEarlier } from './globex-earlier.ts'
import { globexLately } from './globex-lately.ts'
import type { Customer } from './people.ts'
import type { Story } from './story.ts'

export const stories: Record<Customer, readonly Story[]> = {
  acme: [...acmeEarlier, ...acmeRequests, ...acmeLately],
  globex: [...globexEarlier, ...globexLately],
}
