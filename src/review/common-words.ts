// Words that tell one ticket from another least: what any English text holds, what letters to a support team hold, and
// what their forms print.

const list = (text: string): ReadonlySet<string> => new Set(text.split(/\s+/))

/** Function words: how an English text is known. */
export const ENGLISH = list(
  `the a an is are was were be been to of in on at for and or not no we our us it this that with from by as have
  has had do does did can cannot please i my you your when after since all but if then there which how what`,
)

/** Words of politeness, complaint and urgency, beside the function words. */
export const FILLER = list(
  `hello hi hey dear team support please help thanks thank you regards urgent urgently asap pls kind best the a an
  is are was were it its this that there here we i my our your me us to of in on at for and or with have has had
  get got getting do does did can could would should will may not no nor again any anymore more very really just
  now today yesterday still already also so but something anything nothing somehow everything thing things stuff
  what why how who whom which when where while because than then them they their he she his her happen happens
  happened happening look check fix solve soon quickly possible need needs take into via about from since be been
  being as by if problem problems issue issues question request trouble work works working someone somebody know
  see seen seems seem dont doesnt isnt cant wont s t m d ll re ve am only some such same other over after before
  between both each few all most own too under until up down out off once during through during through against
  want wanted like use used using one two make makes made good new call back reply answer`,
)

/** What everybody here has one of, and words of hurry: named alone they tell nothing. */
export const NAMES_NOTHING = list(
  `cluster clusters kubernetes k8s dashboard console portal platform system systems server servers production prod app
  application website site web ui im always fix fixed revert immediately critical important emergency call phone dear sir
  madam day morning evening afternoon good goodmorning everyone folks guys back soonest priority high severity advise
  kindly assist assistance matter broken down really help helping info information details ticket report reported let always kind regarding concerning
  discussed sent mean lot again wishes having few get cannot hope find well subject matters same usual as`,
)

/** What forms print above their fields. */
export const BOILERPLATE = list(
  `steps step reproduce expected actual behaviour behavior result results environment description summary
  additional information context version details impact severity priority screenshot screenshots attached
  attachment reported reporter date time affected contact phone`,
)
