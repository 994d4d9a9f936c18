// In which form a ticket speaks: it wishes, asks for something to be added, asks how, or reports trouble. A form decides
// only where no trouble is reported. Read by classify.ts and classify-severity.ts.

import type { Table } from './cues.ts'

export type Form = 'wish' | 'plea' | 'how' | 'vague' | 'trouble' | 'fault' | 'wrong'

export const FORMS: Table<Form> = {
  /** Says that something would be good to have. */
  wish: [
    [
      4,
      `feature request*, feature wish, feature, enhancement,
      would be ?? nice|great|good|lovely|helpful|useful|handy|cool,
      would be ?? awesome|ace|amazing|fantastic|perfect|convenient|wonderful|valuable|welcome|neat|plus|sweet,
      would ? love, would ?? help us, would ?? make our|us|it|life, would ?? save us, would ?? cut our,
      would be worth, would like to see|have|be, would like ? if, any chance, roadmap, idea, ideas, suggestion*,
      suggest, wishlist, wish list, wish for, we wish, i wish, please ? consider, consider adding|this|supporting,
      any plans, plans to, do you plan, are you planning, planned feature, plus one, 1 from, feels left out, a vote,
      upvote*, backlog, missing feature, there is no ? option|way|button|column|setting|switch,
      no such column|option|setting|filter, allow us to, let us choose|pick|set|configure|define|select, let users,
      let me choose|pick|set|filter|sort, ability to, possibility to, option to, a way to ?? instead,
      it should be possible, should be able to, instead of by hand, by hand each|every, competitor*, other providers,
      big clouds, would do, would suffice, would be enough, nice to have, we are missing, i am missing, i miss,
      we miss, lacks, not a bug, works as documented, works as designed, as an option, as option, self service,
      natively, native support, would you offer, could you offer|support|provide|expose, can you offer|support,
      could be offered|added|supported|exposed, would ease, would reduce, would simplify, would mean a lot,
      would be a big, first class support, add support, request for, ought to have, should offer|support,
      to be able to, please make it possible, make it possible`,
    ],
    [
      4,
      `how about, conceivable, would not it be, would it not be, would it be possible, could you allow, could you let,
      why can not i|we just, why is there no, why not offer, add our|my vote, our vote, please count us,
      one more vote, keep* asking, people ask, could your ?? be sent|shown|made|extended, at present we,
      currently we have to, would let, would be glad, would be grateful if you, would be happy, would pay, wishes,
      dream of, if only, a wish, small wish, i would love, love to see|have, would welcome, would be of use,
      sensible to have, good to have, great to have, handy to have, have you thought|considered, ever considered,
      think about adding, in future versions, not yet possible, is missing from, only thing missing, lacking,
      proposal, propose, please think about, could there be, could use a, would be ?? if,
      would halve|spare|cut|save|free|reduce|shorten|speed|relieve, could one day, one day, marvellous, splendid,
      brilliant if, pass it on to those, those who decide, building it in, build it in, build this in, build that in,
      tedious, would you consider, would you be willing, would you be able to add, who decides,
      will you open|add|support|offer|introduce|launch, would prefer, we prefer, would be better, would be easier,
      much easier, easier if, we would move, a tick would, worth real money, right now it is, the other clouds,
      other vendors, elsewhere you can, so that we can, that would, dark mode, dark theme, night mode please,
      mode sombre, modo oscuro, dunkelmodus`,
    ],
  ],
  /** Asks for a thing; what thing decides. */
  plea: [
    [
      3,
      `please add, please support, please offer, please provide an|a option|way|switch, please allow, please let,
      please introduce, please implement, please include, can|could you ? add, support for, integration for|with,
      we need ? option|way|possibility, we need ? able, want to be able, would like ? to ? be able, need the option,
      only shows ? totals, please extend, please bring, do|does not support, not supported, import for, add dark,
      add ? option, add ? button, add ? filter, add ? column, let the, let our, one pdf,
      could ?? be picked|restored|split|combined|merged|grouped|sorted|hidden|shown`,
    ],
    [1.5, 'we would like, we want, would be, would like to'],
    [
      3,
      `we need at least, only kept, right now only, today only, at the moment only, only possible, only available,
      not long enough, can only be, we need more than, would speed, would be perfect, are only supported,
      only supported, only knows, only by mail, only via, not only by mail, could it get, has no attribute,
      no attribute for, can|could you send|notify|show|display|tell me when`,
    ],
  ],
  /** Asks how to do it, or what holds. */
  how: [
    [
      4,
      `how do i|we|you, how can i|we, how to, how 2, how should i|we, how would i|we, how does, how long does,
      how soon, how often do, is there ? recommended, recommended way, best practice*, best way, is there ? way to,
      is there ? guide, is there ? command, is there ? list, is there ? document*, what is ? recommended,
      what is the best|right|correct|proper, what is the difference, what are the limits|requirements|options,
      where can i|we, where do i|we, do you have ? docs, do you have ? document*, do you support, do you offer,
      do you provide, do you guarantee, are there ? docs, pointers to, can i ? use, can we ? use,
      should i|we use|choose|pick|take|set, do we have to|need, do i have to|need, is it possible to, is it safe,
      is it automatic, automatic on, which kubernetes version*, should i|we, is your support, public holidays,
      before or after, which region*, which versions, which port*, which ip*, what happens if|when, just asking,
      just a question, question about|on|regarding, just curious, curious, wondering, clarif*, could you explain,
      please explain, can you explain, does your autoscaler, does the platform, does it also, when will, until when,
      steps, what are your, where is ? documented|written, could you point, advice, tutorial, example for`,
    ],
    [2, 'how, which, is there, may i|we, can i|we, is it, are these, are there'],
    [
      3,
      `what is, what are, what does, explain, enlighten, make sense of, understand what|how|why, meaning of,
      tell me|us how, show me how, tell me|us whether, must we, must i, do we need, do i need, am i right,
      is it true, is it correct, is it|that normal, whom do, who can i|we, whom should, where would i|we,
      in simple words, before we do, what would happen, would it be safe, which one, which of your, recommend,
      recommendation*, guidance, advise us|me, will there, will you, will it, are you, are your, can|could you tell,
      tell us, let us know, let me know, do you know, is your, do your, what would, in which countries, asks in,
      recommended`,
    ],
    // Whoever worries does not ask how.
    [0, `should we worry, should i worry`],
  ],
  /** Says that something goes wrong, and nothing else: alone it tells the team too little. */
  vague: [
    [
      2,
      `not work*, not function*, does not ?? work, stopped working, no longer work*, stop* working, broken, broke,
      breaks, problem*, issue*, trouble*, error, errors, fail*, failure*, bug, weird, odd, strange, acting up,
      messed up, incident, malfunction*, went wrong, goes wrong, not possible, unusable, busted, borked, misbehav*,
      not good, not right`,
    ],
  ],
  /** Says what is not as it should be. */
  trouble: [
    [
      2,
      `stuck, hang, hangs, hung, hanging, lost, unable,
      never ? arrive*|show*|complete*|finish*|come*|load*|end*|scale*|start*, nothing happens, does nothing,
      do nothing, did nothing, no effect, not come back, not ? start*, not load*, not open*, not respond*,
      not reachable, not available, not appear*, not show*, not match*, not arrive*, not scale*, not complete*,
      not receive*, not find, not save*, not removed, not deleted, not rotat*, not resolv*, not mount*, not attach*,
      not join*, not sync*, not connect*, refuse*, reject*, denied, forbidden, drop*, disappear*, vanish*, gone,
      dead, die, dies, dying, down, slow*, sluggish, offline, unavailable, unreachable, degraded, outage, blocked,
      expired, kicked, goes nowhere, choke*, complain*, not true, limping, glitch*, declined, greyed out,
      unresponsive, take* ages|forever, spin*, bounces, bounced, interrupted, double charge*, still charged,
      still billed, disconnect*, cuts, loses, losing, no mail, no email, no e mail, no longer`,
    ],
    [1, 'cannot, can not, could not, will not, did not, does not, is not, are not'],
    [
      2,
      `lead* nowhere, opens nothing, emptied, not run, not ran, did not leave, not read, run* ahead, in the future,
      confus*, upset, furious, angry, keeps coming back, comes and goes, goes on and off, up and down, flicker*,
      not go through, not come through, not accept*, throws, thrown out, kicks, crawling, snail, endless*, forever,
      eternity, nothing comes, bursts, explodes, collaps*, fell over, falls over, not ? let, not allow*, turned away,
      locked, thieves, not secure, not private, not in it, is empty, are empty, comes out empty, stays pale,
      remains pale, not be pressed, not press, not click, is dark, went dark, standing outside, not one of our,
      dies half, half way, halfway, not received, received no, stops, stopped, keeps asking me, not reach,
      being thrown, asks again, not hand in, wait and wait, waits, nobody gets, no one gets, goes down, went down`,
    ],
    // Down, and nothing is.
    [
      0,
      `shutting down, shut down our|the company, scale* down, scaling down, break* down, down to, drill down,
      write down, written down, slow down, hour late, hours late, too late, delayed, too early, runs late, neither`,
    ],
  ],
  /** Names a state or an error of machines. */
  fault: [
    [
      3,
      `crash*, panic*, oomkilled, oom, notready, crashloop*, imagepullbackoff, errimagepull, evict*, pending,
      terminating, timeout*, timed out, time out, times out, refused, connection reset*, reset by peer, x509, 500,
      502, 503, 504, 502s, 503s, 504s, 403, 404, 409, 422, 429, exception*, traceback, typeerror, segfault, sigsegv,
      deadlock*, corrupt*, unhealthy, flap*, restart ? loop, restart* ? all|every|constantly|again, keep* restart*,
      restarts, killed, exit code, leak, leaks, leaking, throttl*, exceeded, no space left, no route to host,
      high cpu|memory|load, spike*, latency ? up|high|went, servfail, nxdomain, partiallyfailed, failedscheduling,
      failedmount, multi attach, diskpressure, packet loss, unschedulable, insufficient cpu|memory, split brain,
      freez*, frozen, hangs, read only filesystem, not healthy, unknown flag, empty file, 0 bytes,
      drops packets|traffic, skipped, no devices found, not found, no such, did not fire, not fire, did not run,
      cut at|off|after, firing, triggered, loops forever, too many redirects, redirect loop`,
    ],
  ],
  /** Says that something shown or done is not right. */
  wrong: [
    [
      3,
      `wrong*, incorrect*, inaccurate*, off by, mismatch*, differ*, inconsistent*, instead of,
      shows ?? 0|zero|nothing|empty, shows ?? although, says ?? but, although, blank, empty, white screen,
      white page, missing, duplicate*, dupes, twice, overlap*, unreadable, truncated, garbled, misleading, typo*,
      misspel*, spelling, ignored, ignores, silently, not sorted, not saved, not stored, does not exist,
      do not exist, stale, outdated, not update*, negative, shifted, at random, unexpected*, regression,
      used to work, was fine, worked before, worked fine, swallow*, clobber*, not translated, cut off, broken link*,
      perpetual, every single plan, not documented, doubled, two times, three times, thrown back, signs me out,
      logs me out, greyed out, disabled button, nowhere, labels it as, claims, reality, expected ?? actual,
      expected ?? got`,
    ],
    [
      3,
      `hours behind, hour behind, minutes behind, black on black, not be read, illegible, deleted the live, opens as,
      shows another, mixed up, swapped, jumbled, question marks, strange characters, umlaut*, cut in half, disagree*,
      not agree, not match, not add up, counts double, counted twice, not the same, contradict*, another time zone,
      becomes, full of, did not do it, are right, is right, only the picture, harmless, older,
      wants to change|replace|delete, forty one times, hundreds of times, many times over, same e mail, offers to,
      hieroglyph*, gibberish, accented, special character*, invalid names, hides, covers, old endpoint,
      from the console it is correct, accepts a, is correct, is it intended, is that intended`,
    ],
  ],
}
