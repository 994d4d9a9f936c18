// What the rules look for in a text to know what is missing: an error quoted, a time, a change, steps, a count. All read
// folded text.

import { pattern } from './pattern.ts'

/** Complaints that name nothing: they alone tell the team too little. */
const COMPLAINT = pattern('g')`
  \b(?:(?:is |are )?(?:completely |totally )?(?:broken|not working|not work|down|unavailable)|
  (?:does(?: not|n't)|do(?: not|n't)|is(?: not|n't)|won't|no longer|stopped|did(?: not|
  n't)) (?:work(?:ing)?|function(?:ing)?)(?: (?:any ?more|at all|properly|correctly))?|(?:some|an?|
  the|many|same)? ?(?:errors?|problems?|issues?|bugs?|troubles?)|fail(?:s|ed|ing|ure)?|wrong|
  cannot use|can't use)\b`
const ASKS = pattern()`
  \?|\b(?:how (?:do|can|should|to)|what is the|is it possible|(?:could|can) you (?!(?:please |pls )?(?:help|fix|check|look|have|get back|call|solve|advise)\b)|please (?!help|fix|
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
/** States and codes that tell the team where to look; a restart or a pending pod has its reason elsewhere. */
const STATE = pattern()`
  \b(?:oomkilled|crashloop\w*|imagepullbackoff|errimagepull|notready|failed(?:scheduling|mount|attachvolume)|multi-attach|
  evict\w+|diskpressure|memorypressure|servfail|nxdomain|partiallyfailed|split[- ]brain|segfault|panics?|[45]\d\ds?|
  time-?outs?|tim(?:ed|es|ing) out|connection (?:reset|refused)s?|too many \w+|read[- ]only|expired)\b|<(?:pending|unknown)>`
/** Where this happens, a message is written somewhere. */
const FAILS = pattern()`
  \b(?:fail(?:s|ed|ing|ures?)?|errors?|crash\w*|restart(?:s|ing|ed)?|refus(?:es|ed)|reject\w*|denied|cannot|cant|can't|
  could(?: not|n't)|unable|won'?t|broken|pending|weird|problems?|issues?|stopped working|dies?|(?:does|do|is|are|did|will|was|not)
  ?(?:not|n'?t)? (?:work|start|come|load|open|connect|respond|pull|mount|join|build|deploy|function)\w*)\b`
const AT_RANDOM = /\b(?:sometimes|at random|randomly|occasional\w*|intermittent\w*|from time to time|now and then)\b/
/** "Some of our users": how many is the next question. */
const SOME =
  /\b(?:some|several|certain|a few|many|various) (?:of (?:our |the )?)?(?:\w+ )?(?:users|customers|clients|people)\b/

const DAY = '(?:mon|tues|wednes|thurs|fri|satur|sun)day'
const MONTH =
  '(?:jan(?:uary)?|feb(?:ruary)?|mar(?:ch)?|apr(?:il)?|may|june?|july?|aug(?:ust)?|sept?(?:ember)?|' +
  'oct(?:ober)?|nov(?:ember)?|dec(?:ember)?)'
const UNIT = '(?:min(?:ute)?s?|hours?|hrs?|h|days?|d|weeks?|wks?|months?)'
const NUMBER = String.raw`(?:\d+|an?|a few|a couple of|several|two|three|four|five|six|seven|eight|nine|ten)`
const TIMES: RegExp[] = [
  /\b(?:since|yesterday|today|tonight|ago|weekend|week-end|midnight|nightly|started|starts at|began|just now)\b/,
  /\b(?:this|last|past|all|every|each|since|over) (?:\w+ )?(?:morning|noon|afternoon|evening|night|day|week|weekend|month|hour)\b/,
  /\blast (?:week\w*|release|few|\d+|two|three|\w+day)\b|\bright after\b|\b(?:second|third|fourth|fifth|first|\dth|2nd|3rd) time\b/,
  /\bfirst (?:noticed|seen|happened|triggered|appeared|occurred)\b|\bfrom (?:the )?(?:start|beginning|day one)\b|\balways\b/,
  /\b[0-2]?\d:[0-5]\d\b|\b\d{4}-\d{2}-\d{2}(?:\b|t\d)|\b(?:at|around|about|abt|from about) ~?\d{1,2}\b|\b\d{1,2} ?(?:am|pm|uhr)\b|~\d{1,2}h\b/,
  new RegExp(String.raw`(?<!\b(?:deadline|by|until|before|next|till|due|coming|for|this) (?:on )?)\b${DAY}\b`),
  new RegExp(
    String.raw`\b(?:\d{1,2}(?:st|nd|rd|th)?(?: of)?|in|on|since|early|late|mid) ${MONTH}\b|\b${MONTH} \d{1,2}\b`,
  ),
  new RegExp(String.raw`\b(?:for|over|past|already|within|in the|every) (?:\w+ ){0,3}?~?${NUMBER} ?${UNIT}\b`),
  new RegExp(
    String.raw`\b${NUMBER} ?${UNIT} ?(?:\+|now\b|straight\b|in a row\b|long\b)|\bfor ${UNIT}\b|\bfor (?:ages|a while)\b`,
  ),
  /\b(?:seit|gestern|heute|depuis|desde|ayer|hier|oggi|ieri|stamattina|gisteren|sinds|wczoraj)\b|вчера|сегодня|昨日|今朝/,
]
const ACT = pattern()`
  (?:upgrad|updat|deploy|rollout|migrat|restor|chang|releas|restart|reboot|install|scal|enabl|disabl|switch|mov|drain|resiz|
  rotat|add|remov|bump|recreat|replac|appl|patch|swap|turn|renew|reinstall|delet|modif|touch|rais|increas|tun)`.source
const CHANGES: RegExp[] = [
  /\bafter (?:the|an?|we|our|your|i|\w+ing|node|cluster|yesterday|last|every|upgrade|update|maintenance)\b/,
  new RegExp(String.raw`\b(?:since|following|when|with) (?:\w+ ){0,4}?${ACT}\w*`),
  new RegExp(
    String.raw`\b(?:we|i|you|just|recently|only|colleague|somebody|someone|got|been|was|were|did) (?:\w+ ){0,2}?${ACT}(?:\w*ed|e)\b`,
  ),
  new RegExp(String.raw`\b(?:not|n't|nt|no|nothing|never|without|nobody) (?:\w+ ){0,3}?${ACT}\w*`),
  /\bnothing (?:\w+ )?(?:new|different)\b|\b(?:by itself|on its own|failover|maintenance|blip|regression|downgraded?|rolled back)\b/,
  /\b(?:upgrade|migration|update|rollout|restore)\b.{0,40}\b(?:stuck|hang|hangs|fail\w*|never)\b|\b\d+\.[\dx.]+ (?:was|works?|worked|is (?:fine|ok))\b/,
  /\b(?:upgrad|updat|migrat|bump)(?:e|ed|ing) (?:\w+ )?(?:from|to)\b|\b(?:old|previous|earlier|new|your) (?:\w+ )?(?:version|release|image)\b/,
  /(?:'s|s|your|the|last|a|our) (?:\w+ ){0,2}(?:deploy|deployment|release|redesign|upgrade|update|rollout)\b|\bchanged\b/,
  /\b(?:geandert|rien change|no cambi\w+)\b|не меня|変更/,
]
const STEPS = pattern('m')`
  \b(?:steps|to reproduce|repro(?:duce|duced|ducible|duction)?|when (?:i|we|you|clicking|opening|
  running|trying|using|creating|deleting|the user)|if (?:i|we|you) |click\w*|run(?:ning)? \x60?\w+|
  every time|each time|always when|by (?:opening|clicking|running|calling)|kubectl \w+|curl |helm \w+|
  terraform (?:plan|apply)|ankra \w+)\b|^\s*(?:1[.)]|\$ )`
const COUNT = pattern()`
  \b(?:\d+|one|two|three|four|five|six|ten|dozens?|hundreds?|thousands?|all|every|everyone|everybody|
  nobody|no one|some|several|many|most|half|only|both|single|just me|each|none|customers|colleagues?|
  users)\b`

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

/** Names a state or a code, in whatever words around it. */
export function namesState(text: string): boolean {
  return STATE.test(text)
}

/** Reports something that leaves a message. */
export function expectsError(text: string): boolean {
  return FAILS.test(text)
}

export function isAtRandom(text: string): boolean {
  return AT_RANDOM.test(text)
}

export function saysWhen(text: string): boolean {
  return TIMES.some((time) => time.test(text))
}

/** Names a change, or says that there was none. */
export function saysWhatChanged(text: string): boolean {
  return CHANGES.some((change) => change.test(text))
}

export function saysHowToReproduce(text: string): boolean {
  return STEPS.test(text)
}

export function saysHowMany(text: string): boolean {
  return COUNT.test(text)
}

/** Speaks of some people without a number. */
export function saysSome(text: string): boolean {
  return SOME.test(text)
}
