/**
 * How a door behaves until told otherwise. locked: the account is. too_many: it has seen too many attempts. captcha: it
 * wants one, after the identifier or the submission. codes_refused: no code is right. broken: 500 to the submission.
 * down: 503 to everything. hanging: requests get no answer.
 */
export type Mood = 'ok' | 'locked' | 'too_many' | 'captcha' | 'codes_refused' | 'broken' | 'down' | 'hanging'
