// How much it matters: who is hit, what they lose, where, and what makes it better or worse. Read by
// classify-severity.ts, which adds the weights up.

import type { Table } from './cues.ts'

export type Impact =
  | 'data_lost'
  | 'intrusion'
  | 'down'
  | 'slow'
  | 'everyone'
  | 'few'
  | 'production'
  | 'test'
  | 'pressing'
  | 'blocked'
  | 'calm'
  | 'small'
  | 'relief'
  | 'printed'

export const IMPACT: Table<Impact> = {
  data_lost: [
    [
      3,
      `data loss, lost ?? data, data ? is|are|was|were ? gone|lost|deleted|corrupt*|missing, lost all, wiped,
      data ? gone, corrupted data, data corruption, volume* ? gone|vanished|deleted, pvs vanished,
      volumes ?? no longer exist, new empty volume, bookings are missing, orders diverged, orders are missing,
      database ? gone|empty|deleted, split brain, datenverlust, perte de donnees, perdida de datos, table ? empty,
      orders are gone, backups are gone, deleted ?? volume*, rows ? missing, records ? missing,
      deleted|removed the wrong, destroyed ?? pool|cluster|volume*|node*, backup ?? empty, no other copy,
      restored ?? empty, nothing in it, only copy, all ?? gone, deleted the live|production, live ? deleted`,
    ],
  ],
  intrusion: [
    [
      3,
      `breach*, ransomware, compromised, hacked, broke in, broken into, intruder*, attacker*, crypto miner,
      cryptominer*, miner running, xmrig, we are owned, unauthori* access, stolen,
      leaked ?? token*|key*|credential*|secret*|password*, leak ?? token|key|credential*|secret*, none of us created,
      we did not create, nobody ?? created, exposed ?? token|key|secret*|credential*, impossible travel,
      country ?? nobody, still ? creates tokens, suspicious login*|sign*|activity, ex employee ? still,
      public github, gehackt, pirate*, hackeado, not us, other customer* data, other tenant* data,
      see ?? other organi*, freeze the account, published ?? key|token|secret, key ?? github|public,
      token ?? github|public, never been to, was asleep, not mine, is not ours, signed in as me,
      not on the best of terms, throw them out, shut the door, still listed as admin*, still has ? keys,
      unknown device*, unknown session*, unknown user*, someone else`,
    ],
  ],
  down: [
    [
      2,
      `is|are|was|were|went|goes|gone|been|be|all|site|api|service|cluster|shop down|dead|offline|unreachable|unavailable|inaccessible,
      is|are|was|were|went|been all|completely|totally|entirely|currently|now|still|again|both|also down|dead|offline|unreachable|unavailable|inaccessible,
      completely down, totally down, total outage, complete outage, full outage, outage, unreachable, nothing works,
      nothing loads, nothing responds, nothing is reachable, none of our ?? work*|load*, all dead, dead,
      does not respond, not respond*, not reachable, not reach*, not open, not load, not connect*,
      can not ? reach|access|connect|check|open|pay|log|sign, could not ? reach|access|connect, answer* 502|503|500,
      return* ? 502|503, 502, 503, 502s, 503s, sev1, sev 1, p1, everything ? down, ausgefallen, nicht erreichbar,
      steht, geht gar nichts, en panne, hors service, caido, no funciona|responde, fuori servizio, nobody can,
      no one can, fehlerseite, error page, offline, not one of our, nobody gets, no one gets, standing outside,
      is dark, went dark, big red page, not be stored, refuses all writes, not ? being stored, geht nichts,
      stillstand, ne repond plus, non risponde, не отвеча*, не работа*, nie dziala, werkt niet`,
    ],
  ],
  slow: [
    [
      1,
      `slow*, latency, degraded, limping, intermittent*, sometimes, occasional*, now and then, flaky, sporad*,
      at times, every now, one in, out of, take* ages, takes longer, take* ? longer, lag, laggy, some requests,
      some of, roughly, 504, 504s, from time to time, part of, partial*, langsam, lent, lente, lento`,
    ],
  ],
  everyone: [
    [
      2,
      `all ?? users|customers|clients|services|sites|hosts|shops|stores|tenants|regions|traffic|teams|nodes|clusters,
      all our, every user|customer|client|request|req|tenant|deployment|shop|store|node|team, everyone, everybody,
      our customers, customers are|see|can|get|complain*|call*|leaving|report*|have, customer facing, our users,
      users get, users are|see|can|complain*, clients complain|can|see|are, nobody can, no one can, nobody ? able,
      whole team|company|office|site|shop|platform, entire team|company|cluster|site|fleet, all regions, completely,
      entirely, public site, our main site, our shop, checkout, payments, patients, passengers, half of, kunden,
      clients ne|voient, clientes, klanten, klient*, hospital, all on call, everything, filialen, kassen,
      whole ? company, all of them, every visitor, visitors, none of our, shoppers, pupils, our readers, our members,
      all 60, students, exam*, our ? users|customers|clients|shoppers|readers, complain*`,
    ],
  ],
  few: [
    [
      1,
      `one pod|node|user|of|customer|browser|worker|host|replica|run, a single, single pod|node|user, just me,
      only me, for me only, only in, only on, only with, only when, only safari, a pod, a node, one namespace,
      two workers, one cluster, one of, nur bei mir, solo io, solo yo`,
    ],
  ],
  production: [
    [
      1,
      `production, prod, prd, live system|site|environment|traffic|cluster|shop, customer facing, go live, in live,
      produktion, produktiv*, produccion, producao, produzione, productie, produkcj*, продакшен*, продуктив*, прод`,
    ],
  ],
  test: [
    [
      1,
      `staging, stage, stg, only|in|on|our dev, dev cluster*|env*|namespace|system|only|box*,
      development ? cluster|environment, test cluster|environment|system|namespace, sandbox, qa, uat, preprod,
      pre production, demo, lab, playground, poc, proof of concept, homelab, recette, testumgebung, testcluster`,
    ],
  ],
  /** Time, money, an audience. */
  pressing: [
    [
      1,
      `urgent*, asap, right now, right away, immediately, at once, emergency, deadline*, by tomorrow, until tomorrow,
      tomorrow, by noon, by tonight, is today, today still, losing money|orders|customers|revenue,
      lose money|orders|customers, revenue, every minute, go live, going live, launch*, sale tomorrow, release today,
      this afternoon, within hours, dringend, urgente, urgence, sofort, paged, on call, war room, bridge,
      management is, suspend*, threaten*, escalat*, market open, peak, headroom, срочно, pilne, acil, can not wait,
      change freeze, black friday, hotfix, one more loss, expires in, expires tomorrow, priority, quickly, blind,
      compliance wants, sla breach*, slo, security hole, toast, card declined, payment ? failed, second reminder,
      final notice, this very minute, right this minute, please please, opens at, within the hour, final exam,
      at the latest, catastrophe, disaster, desperate, running now`,
    ],
  ],
  blocked: [
    [
      1,
      `blocked, blocking, blocker, blocks us|our|all|every,
      can not deploy|release|work|roll|scale|ship|finish|operate|start|push|build|use|raise|do, nobody ?? deploy,
      nothing can be deployed, no deploy*, stand* still, sit* on, twiddling, all rollouts,
      can not get ? in|into|access, no access, unable to ? work|deploy|release, backed up, not deploy,
      stuck completely, held up, not come up, never scales, refuses to, locked out, only admin, only one on call,
      no way in, no pod can be, no new pod*, can not write, nothing can be, account ? suspended, flying blind,
      whole team, nothing is stored, not store, refuses all, standing outside, not one of our`,
    ],
  ],
  /** Takes back what its clause says: production is not affected, the rest works. */
  calm: [
    [
      1,
      `not affected, not impacted, not touched, not concerned, not migrated, not involved, unaffected, untouched,
      not in danger, is|are|was|were|runs|run|works|work|looks|look ? fine|ok|okay|healthy|good|happy, all fine,
      all good, still fine, works everywhere else, everything works, works again, run|runs|running ? normally,
      keep* running, keep* working, serve* traffic, is alive, pas concernee, n'a rien, nicht betroffen,
      no se ve afectad*, no impact, no user pain, no one notices, nobody waits, nobody is, recovered, back up,
      resolved since, nothing is lost, no data was lost, settled, not us, no problem, works as, stays ? up,
      not yet|touched, not on prod*, do not touch prod*, funziona, funktioniert`,
    ],
  ],
  small: [
    [
      1,
      `minor issue|problem|thing|bug|detail|annoyance|glitch, only|just|quite|very|rather minor, cosmetic, typo*,
      small thing, nit, nitpick, low priority, not urgent, no rush, no hurry, not pressing, not critical, whenever,
      take your time, when you have time, when u have time, some day, just curious, annoying, annoyance,
      not dramatic, nothing dramatic, nobody is held, no hard feelings, low prio, lowest priority, not blocking,
      nice to have, just clutter, rather than bad, misspel*, wording, not a big deal, no big deal, no biggie,
      nicht eilig, eilt also nicht, keine eile, pas urgent, no es urgente, nao e urgente, non e urgente, geen haast,
      ingen bradska, for the record, fyi, thought you would want, no need to hurry, tiny, trivial, 5 sec fix,
      not important, no user pain, nothing is on fire, not on fire, we can wait, can wait, no stress, low impact,
      for planning, should we worry, just so you know, harmless, no big drama, no drama, nothing burns,
      no one noticed, nobody noticed, merely, delightful, lonely, by the way, when you find`,
    ],
  ],
  relief: [
    [
      1,
      `workaround*, work around, for now, meanwhile, in the meantime, by hand, manually, instead, copes, cope,
      retry helps, retries hide, not stuck, we are fine, i am fine, so we use, i use, downgraded, went back,
      rolled back, can go back, skip, fall back, fallback, fell back, as a work, other browser*, in chrome,
      in firefox, chrome works, firefox works, works in, with the api it, via cli, via api, via the cli|api,
      cli works, patched, we dedupe, gets us by, drained both, symptom gone, cordoned, still works, provisional*,
      temporar*, can vertreten, vertreten, kommen wir klar, per api, con la api, en attendant, restarts them,
      reconnect* automatically, copying ?? works, exports? ?? by month, rebuilt, 代わりに, still live`,
    ],
  ],
  /** Wrong on paper only: a sentence, a link, a colour. */
  printed: [
    [
      1,
      `docs, documentation, dead link, broken link*, translation*, translated, spelling, typo*, colour*, color*,
      legend, tooltip*, font*, layout, wording, time zone, timezone, black on black, hours behind, off by, umlaut*,
      accented, hieroglyph*`,
    ],
  ],
}
