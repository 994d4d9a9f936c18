// What the rules look for in a text: trouble, an error quoted, a time, a change, steps, a count. All read folded text.

import { pattern } from './pattern.ts'

const TROUBLE = pattern()`
  \b(?:errors?|exceptions?|fail\w*|crash\w*|panic\w*|timeouts?|timed out|time out|times out|broken|
  breaks?|stuck|hangs?|hung|freez\w+|frozen|slow\w*|latency|lost|missing|wrong\w*|incorrect\w*|
  corrupt\w*|denied|refused|reset by|unreachable|unavailable|outage|down|offline|notready|not ready|
  pending|evicted|oomkilled|oom|crashloop\w*|backoff|\w+backoff|restart\w*|reboot\w*|killed|
  terminated|unhealthy|expired|blank|empty page|leak\w*|spike\w*|throttl\w*|degraded|flapping|drops?|
  dropped|disappear\w*|vanish\w*|duplicated?|twice|full|rejected|forbidden|unauthori[sz]ed|unable|
  cannot|can't|can not|could not|couldn't|does(?: not|n't)|do(?: not|n't)|did(?: not|n't)|is(?: not|
  n't)|won't|will not|no longer|never|unexpected\w*|unresponsive|high (?:cpu|memory|load|latency)|
  increased (?:latency|errors?|load|memory|cpu)|100 ?%|typo|overlap\w*|ignor\w+|nothing happens|
  confus\w+|unreadable|misleading|bug|exceeded|not found|no such|50[0-4]|40[0-9]|429|x509)\b`
const UNAVAILABLE = pattern()`
  \b(?:(?:is|are|was|were|went|goes|gone|been|completely|all|site|api|service|cluster|
  production) (?:completely |totally |entirely |all |currently )?(?:down|offline|unreachable|
  unavailable|inaccessible|dead|not (?:reachable|available|responding))|total outage|outage|
  unreachable|(?:nothing|none of \w+(?: \w+)?) (?:works|responds|is working|loads|is reachable)|
  (?:cannot|can't) (?:reach|access|connect|log in|check out|load)|nicht erreichbar|ausgefallen|
  fallt aus|inaccessible|no (?:funciona|responde))\b`
/** Complaints that name nothing: they alone tell the team too little. */
const COMPLAINT = pattern('g')`
  \b(?:(?:is |are )?(?:completely |totally )?(?:broken|not working|not work|down|unavailable)|
  (?:does(?: not|n't)|do(?: not|n't)|is(?: not|n't)|won't|no longer|stopped|did(?: not|
  n't)) (?:work(?:ing)?|function(?:ing)?)(?: (?:any ?more|at all|properly|correctly))?|(?:some|an?|
  the|many|same)? ?(?:errors?|problems?|issues?|bugs?|troubles?)|fail(?:s|ed|ing|ure)?|wrong|
  cannot use|can't use)\b`
const ASKS = pattern()`
  \?|\b(?:how (?:do|can|should|to)|what is the|is it possible|could you|can you|please (?!help|fix|
  check|look|have|take|see|call|solve|advise|approve|answer|reply)[a-z]{3,}|would like to|we (?:need|
  want|would like|request)|i (?:need|want|would like)|would be (?:nice|great|helpful|useful|good))\b|
  お願い|ください|请`
const ERROR_QUOTED = pattern('m')`
  \b[a-z.]{0,60}(?:error|exception|failure|warning|fatal|panic)s?["']?(?: \(\w+\)| code| \d+)?:\s*\S|
  \b(?:exit(?: status| code)?|status|http|code|errno)[ :=]*-?\d{1,5}\b|\b[45]\d\d (?:bad|internal|not|
  service|gateway|forbidden|unauth\w+|too many|error)|"[^"\n]{12,}"|\x60[^\x60\n]{8,}\x60|
  \x60\x60\x60|\bx509\b|\b(?:connection refused|connection reset|i\/o timeout|no such (?:host|file)|
  permission denied|no space left|deadline exceeded|no route to host|out of memory|tls handshake|
  failed to \w+ \w+|unable to \w+ \w+ \w+:)|\b\w{4,}(?:exception|error)\b(?! message)|
  \b(?:crashloopbackoff|imagepullbackoff|errimagepull|oomkilled|failedscheduling|failedmount|notready|
  failedcreatepodsandbox|err_\w+|e[a-z]{3,}refused|etimedout)\b|^\s*at [\w.$]+\(|level=(?:error|fatal|
  warn)|\bw?[ef]\d{4} \d\d:\d\d`
const TIME = pattern()`
  \b(?:since|yesterday|today|tonight|this (?:morning|afternoon|evening|week|night)|last (?:night|week|
  month|monday|tuesday|wednesday|thursday|friday|saturday|sunday)|ago|around \d|at (?:about |
  around )?\d|\d{1,2}:\d{2}|\d{4}-\d{2}-\d{2}|monday|tuesday|wednesday|thursday|friday|saturday|
  sunday|january|february|march|april|june|july|august|september|october|november|december|
  every (?:day|night|hour|morning|\d+)|always|from the (?:start|beginning)|for (?:the (?:last|
  past) )?(?:\d+|a few|two|three|several|an?) (?:minutes?|hours?|days?|weeks?|months?)|
  first (?:noticed|seen|happened)|started|just now|seit|gestern|heute|depuis|desde|ayer|hier|вчера|
  сегодня)\b`
const CHANGE = pattern()`
  \b(?:(?:after|since|following|when) (?:the |an? |we |our |i )?(?:\w+ ){0,3}?(?:upgrad\w+|updat\w+|
  deploy\w+|rollout|migrat\w+|restor\w+|chang\w+|releas\w+|restart\w*|reboot\w*|install\w+|scal\w+|
  enabl\w+|switch\w*|mov\w+|maintenance|drain\w*|resiz\w+|rotat\w+|adding|added|remov\w+|bump\w*|
  applied|applying)|nothing (?:has |was |had )?(?:been )?changed|(?:have|has|had|did)(?: not|
  n't) changed?|no (?:recent )?changes?|we (?:have |had |just |recently )*(?:changed|upgraded|updated|
  deployed|migrated|added|enabled|installed|rolled|switched|moved|applied|rotated|resized|scaled)|
  changed (?:on our side|recently)|(?:upgraded?|updated?|upgrading|migrated|bumped) (?:\w+ )?(?:from|
  to))\b`
const STEPS = pattern('m')`
  \b(?:steps|to reproduce|repro(?:duce|duced|ducible|duction)?|when (?:i|we|you|clicking|opening|
  running|trying|using|creating|deleting|the user)|if (?:i|we|you) |click\w*|run(?:ning)? \x60?\w+|
  every time|each time|always when|by (?:opening|clicking|running|calling)|kubectl \w+|curl |helm \w+|
  terraform (?:plan|apply)|ankra \w+)\b|^\s*(?:1[.)]|\$ )`
const COUNT = pattern()`
  \b(?:\d+|one|two|three|four|five|six|ten|dozens?|hundreds?|thousands?|all|every|everyone|everybody|
  nobody|no one|some|several|many|most|half|only|both|single|just me|each|none|customers|colleagues?|
  users)\b`

/** Says that something is not as it should be. */
export function describesTrouble(text: string): boolean {
  return TROUBLE.test(text)
}

/** Says that something cannot be used at all. */
export function isUnavailable(text: string): boolean {
  return UNAVAILABLE.test(text)
}

/** Asks for something, or how to do it: such a text needs no symptom. */
export function isRequest(text: string): boolean {
  return ASKS.test(text)
}

/** The text without complaints such as "does not work" and "some error". */
export function withoutComplaints(text: string): string {
  return text.replace(COMPLAINT, ' ')
}

export function quotesError(text: string): boolean {
  return ERROR_QUOTED.test(text)
}

export function saysWhen(text: string): boolean {
  return TIME.test(text)
}

export function saysWhatChanged(text: string): boolean {
  return CHANGE.test(text)
}

export function saysHowToReproduce(text: string): boolean {
  return STEPS.test(text)
}

export function saysHowMany(text: string): boolean {
  return COUNT.test(text)
}
