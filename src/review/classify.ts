// Category and severity by rules: what the words of a draft point to. The strongest signs are in English; a few words
// of other languages are known where they decide the desk (an invoice is an invoice).

import type { TicketCategory, TicketSeverity } from '../generated/prisma/client.ts'
import { pattern } from './pattern.ts'
import { describesTrouble, isUnavailable } from './signs.ts'

/** A sign, and how much it weighs; in the subject it weighs twice. */
type Sign = [weight: number, pattern: RegExp]

const SIGNS: Record<Exclude<TicketCategory, 'other'>, Sign[]> = {
  billing: [
    [
      4,
      pattern()`
        \b(?:invoices?|billing|billed|refunds?|credit notes?|receipts?|vat|purchase orders?|
        overcharged|payment method|pricing|price|how much|what (?:does|do|would) .{3,60} cost)\b`,
    ],
    [
      3,
      pattern()`
        \b(?:credit cards?|charged (?:us|twice|for|me)|subscription|annual plan|(?:team|business|
        enterprise|starter) plan|contract|renewal|payments? (?:failed|declined)|cost estimate)\b`,
    ],
    [4, /\b(?:rechnung(?:en)?|facture|facturation|factura|fattura|faktura|zahlung)\b|сч[её]т|оплат|請求書|发票/],
  ],
  account: [
    [
      4,
      pattern()`
        \b(?:password reset|reset (?:my|the|her|his|their) password|2fa|mfa|two-factor|authenticator|
        sso|saml|single sign-on|offboard\w*)\b`,
    ],
    [
      4,
      pattern()`
        \b(?:invit(?:e|ation)s?|add (?:a|an|two|three|\d+)? ?(?:new )?(?:users?|members?|colleagues?)|
        delete (?:our|my|the) account|close our account|transfer (?:the )?ownership|locked out|
        left the company|remove .{3,60} from (?:our|the) organi[sz]ation)\b`,
    ],
    [
      3,
      pattern()`
        \b(?:log ?in to (?:the )?(?:portal|dashboard|console|account)|sign in|cannot log ?in|
        can't log ?in|my account|our account|change (?:my|the|our) e-?mail|organi[sz]ation name|
        rename our|admin role|seats?)\b`,
    ],
    [4, /\b(?:passwort (?:zurucksetzen|vergessen)|konto|mot de passe|mon compte|contrasena|cuenta)\b|парол|учетн/],
  ],
  feature_request: [
    [
      5,
      pattern()`
        \b(?:feature request|would be (?:nice|great|helpful|useful|good|handy)|please (?:add|support|
        consider|allow)|we would (?:like|love) (?:to (?:see|have|be able)|support|an? |if )|
        i would (?:like|love) to (?:be able|see)|wish ?list|any plans? to)\b`,
    ],
    [
      4,
      pattern()`
        \b(?:add (?:support|an? (?:option|button|way|flag|setting|filter|dark))|support for \w+ would|
        ability to|(?:can|could) you (?:please )?(?:add|support|offer)|it should be possible|
        suggestion|we need (?:an? )?(?:option|way) to|allow us to)\b`,
    ],
    [4, /\b(?:funktionswunsch|ware (?:schon|toll|hilfreich)|il serait (?:utile|bien)|seria (?:util|bueno))\b/],
  ],
  bug: [
    [
      4,
      pattern()`
        \b(?:bug|regression|steps to reproduce|expected (?:behaviou?r|result)|actual (?:behaviou?r|
        result)|reproducible|typo)\b`,
    ],
    [
      3,
      pattern()`
        \b(?:dashboard|portal|console|web ui|ui|button|page|dropdown|drop-down|modal|chart|graph|table|
        column|tooltip|sidebar|dark mode|cli|ankra [a-z]+|command[- ]line client|terraform provider|
        your api|public api|api (?:returns|answers|endpoint)|webhooks?)\b(?=[\s\S]{0,200}\b(?:wrong|
        incorrect|shows?|blank|empty|broken|crash(?:es|ed)?|throws?|500|404|hangs?|fails?|
        nothing happens|does(?: not|n't)|ignor\w+|duplicated?|missing|panics?|twice|overlap\w*|stuck|
        returns?)\b)`,
    ],
    [
      2,
      pattern()`
        \b(?:off by one|segfault|null pointer|undefined is not|typeerror|panic: runtime|nil pointer|
        stack ?trace|ignores? the)\b`,
    ],
  ],
  technical: [
    [
      3,
      pattern()`
        \b(?:nodes?|pods?|clusters?|deployments?|daemonsets?|statefulsets?|ingress|coredns|dns|pvcs?|
        persistent ?volumes?|kubelet|kubectl|etcd|helm|cni|calico|cilium|load ?balancer|namespaces?|
        control plane|api ?server|kube-\w+|containerd|ip addresses|subnets?|certificates?|cert-manager|
        argocd|flux|autoscaler|prometheus|grafana)\b`,
    ],
    [
      3,
      pattern()`
        \b(?:crashloopbackoff|imagepullbackoff|errimagepull|oomkilled|notready|evicted|
        failedscheduling|failedmount|x509|tls handshake|connection refused|connection reset|
        i\/o timeout|no route to host|disk pressure|no space left)\b`,
    ],
    [
      2,
      pattern()`
        \b(?:latency|packet loss|timeouts?|timed out|50[234]|memory|cpu|disk|network|vpn|firewall|
        storage|volume|backups?|restore|snapshots?|database|postgres\w*|redis|kafka|registry|image|
        upgrade|rollout|deploy\w*|quota|rbac|service ?accounts?)\b`,
    ],
  ],
}

const ORDER: (keyof typeof SIGNS)[] = ['bug', 'technical', 'billing', 'account', 'feature_request']
const FEWEST = 2

/**
 * The category that the words point to, `subject` and `body` both folded. `other` when they point nowhere although the
 * text is understood; null when it is not, so that nobody is misled.
 */
export function suggestCategory(subject: string, body: string, understood: boolean): TicketCategory | null {
  const points = ORDER.map((category) => [category, pointsFor(category, subject, body)] as const)
  const asked = points.find(([category]) => category === 'feature_request')?.[1] ?? 0
  const [best, most] = points.reduce((a, b) => (b[1] > a[1] ? b : a))
  // Somebody who wishes for something names the things it is about: the wish decides, unless they report trouble.
  if (asked >= 4 && !describesTrouble(subject)) return 'feature_request'
  if (most >= FEWEST) return best
  if (describesTrouble(`${subject}\n${body}`)) return 'technical'
  return understood ? 'other' : null
}

function pointsFor(category: keyof typeof SIGNS, subject: string, body: string): number {
  return SIGNS[category]
    .map(([weight, sign]) => (sign.test(subject) ? 2 * weight : sign.test(body) ? weight : 0))
    .reduce((sum, points) => sum + points, 0)
}

const NEGATED = pattern('g')`
  \b(?:no|not|without|never|isn't|wasn't|aren't)\b(?: (?:a|an|any|yet|in|been|really|that|very|quite))*
  (?: urgent| critical| production| prod| outage| data (?:loss|lost)| lost| downtime| down| blocking| affected)\b`
const PRODUCTION =
  /\b(?:production|prod|live (?:site|system|environment|traffic)|customer-facing|produktion|produktiv)\b/
const EVERYONE = pattern()`
  \b(?:all (?:of )?(?:our |the |my )?(?:users|customers|clients|services|nodes|pods|sites|
  workloads|clusters)|every(?:one|body| user| customer)|completely|entirely|nobody|no one|
  none of (?:our|the))\b`
const CATASTROPHE = pattern()`
  \b(?:data loss|lost (?:all )?(?:our |the )?data|data (?:is|are|was|were) (?:gone|lost|deleted|
  corrupt\w*)|security (?:breach|incident)|breach|ransomware|compromised|leaked credentials|
  total outage|complete outage)\b`
const HURTS = pattern()`
  \b(?:urgent\w*|asap|blocker|blocking|blocked|blocks (?:us|our|all)|sev ?1|p1|customers (?:are|
  cannot|can't|see)|deadline|losing (?:money|orders)|cannot deploy|can't deploy|outage|dringend|
  urgente?)\b`
const MILD = pattern()`
  \b(?:minor|cosmetic|typo|nice to have|low priority|not urgent|no rush|no hurry|whenever|
  when you have time|question|curious|wondering|dev(?:elopment)? cluster|sandbox|test cluster|
  staging)\b`
const PARTIAL = pattern()`
  \b(?:intermittent\w*|sometimes|occasional\w*|slow\w*|degraded|flaky|one (?:of|pod|node)|
  a (?:single )?(?:pod|node)|work-?around|retry helps)\b`

/** How severe the words say it is, or null when nothing points to a level. `body` includes the subject; both folded. */
export function suggestSeverity(
  category: TicketCategory | null,
  body: string,
  environment: string | null,
): TicketSeverity | null {
  const text = body.replace(NEGATED, ' ')
  if (CATASTROPHE.test(text)) return 'critical'
  if (category === 'feature_request') return 'low'
  const inProduction = PRODUCTION.test(text) || (environment !== null && PRODUCTION.test(environment.toLowerCase()))
  const unavailable = isUnavailable(text)
  const mild = MILD.test(body)
  if (unavailable && !mild && EVERYONE.test(text)) return 'critical'
  if (unavailable && inProduction && !PARTIAL.test(text)) return 'critical'
  if (mild && !inProduction) return 'low'
  const trouble = describesTrouble(text)
  if (HURTS.test(text)) return trouble || category === 'account' ? 'high' : 'medium'
  if (!trouble) return category === 'billing' || category === 'account' ? 'low' : null
  if (inProduction || (EVERYONE.test(text) && !PARTIAL.test(text)) || unavailable) return 'high'
  return category === 'technical' || category === 'bug' || category === 'account' ? 'medium' : null
}
