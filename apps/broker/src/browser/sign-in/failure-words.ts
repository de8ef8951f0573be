/** Words of an error beside a form that stays; only looked for in text that was not there before. */
const rejection =
  /incorrect|invalid|wrong|fail|denied|not (?:match|recogni[sz]ed|valid|correct)|unauthori[sz]ed|falsch|ung(?:ü|ue)ltig|incorrect[eo]|invalide|inv[áa]lid|erron|no match|do(?:es)?(?:n['’]t| not) match|try again|stimm(?:t|en) nicht|nicht korrekt|fehlgeschlagen|pas correct|ne correspond|no coincid|no (?:es|son) correct|errat[aoei]|non (?:corrett|valid)|sbagliat|errad|incorret|onjuist|verkeerd|klopt niet|kloppen niet|ongeldig|nieprawid[łl]ow|b[łl][ęe]dn|niepoprawn|неверн|неправильн|hatal[ıi]|yanl[ıi][şs]|正しくありません|間違|違います|一致しません|错误|不正确|有误|錯誤|不正確/iu

/** The site's own trouble: many of these words are those of a rejection as well. */
const trouble =
  /something went wrong|on our (?:side|end)|technical (?:problem|difficult|error)|temporarily unavailable|service unavailable|internal (?:server )?error|server error|unexpected error|try again later|schiefgelaufen|technische[rns]? (?:fehler|problem|störung|storing)|vorübergehend nicht|später (?:noch ?einmal|erneut)|erreur (?:technique|interne|serveur)|réessaye[rz] plus tard|error (?:interno|técnico|del servidor)|más tarde|errore (?:interno|tecnico|del server)|più tardi|erro (?:interno|técnico|no servidor)|mais tarde|probeer het later|błąd (?:serwera|wewnętrzny)|ошибка сервера|внутренняя ошибка|попробуйте позже|システムエラー|しばらく|系统(?:错误|繁忙)|服务器错误|稍后/iu

/** It speaks of what was typed, whatever else. */
const ofCredentials =
  /passwor[dt]|credential|user ?name|kennwort|mot de passe|identifiant|contraseña|senha|wachtwoord|hasł|парол|şifre|パスワード|密码/iu

interface LockWords {
  /** What a site says of an account that it has locked. */
  says: RegExp
  /** Before it in the same sentence, these make it a warning, a condition or a denial. */
  unless: RegExp
}

/** Whole words, in any script. */
function words(source: string): RegExp {
  return new RegExp(`(?<!\\p{L})(?:${source})(?!\\p{L})`, 'iu')
}

const lockedEn = '(?:locked|disabled|suspended|blocked|deactivated|banned)'

/** One entry a language. */
const lockWords: readonly LockWords[] = [
  {
    says: words(
      String.raw`(?:account|user(?:name)?) (?:has|have) (?:\p{L}+ ){0,2}been(?: \p{L}+ly)? ${lockedEn}` +
        String.raw`|(?:your|this|the) (?:user )?(?:account|user(?:name)?|nick(?:name)?) (?:is|was)(?: now| already| \p{L}+ly)* ${lockedEn}(?! (?:if|when|once|after|upon))` +
        `|account ${lockedEn}` +
        String.raw`|we(?: have|['’]ve) (?:\p{L}+ )?${lockedEn} (?:your|this|the) account` +
        String.raw`|you (?:are|have been) (?:\p{L}+ )?locked out` +
        String.raw`|too many (?:\p{L}+[ -]){0,4}(?:attempts|tries|log-?ins|sign-?ins)(?! (?:will|may|can|could|lock|block))`,
    ),
    unless: words(
      'will|would|may|might|can|could|if|when|once|before|until|unless|avoid|prevent|not|never|left|remaining',
    ),
  },
  {
    says: words(
      String.raw`(?:konto|account|\p{L}*zugang|\p{L}*konto|benutzer|nutzer)(?: \p{L}+){0,6} (?:gesperrt|deaktiviert|blockiert)` +
        String.raw`|zu viele (?:\p{L}+ ){0,3}\p{L}*(?:versuche|anmeldungen)`,
    ),
    unless: words(
      String.raw`werden|wird|würde|kann|könnte|falls|wenn|sobald|bevor|damit|nicht|nach \d+|verbleiben\p{L}*`,
    ),
  },
  {
    says: words(
      String.raw`(?:compte|accès|utilisateur)(?: \p{L}+){0,5} (?:verrouillée?|bloquée?|suspendue?|désactivée?)` +
        String.raw`|trop (?:de |d['’])(?:\p{L}+ ){0,2}(?:tentatives|essais|connexions|échecs)`,
    ),
    unless: words(
      String.raw`sera|serait|peut|pourrait|pourra|si|après \d+|au bout de|avant|éviter|pas|restante?s?`,
    ),
  },
  {
    says: words(
      String.raw`(?:cuenta|usuario|acceso)(?: \p{L}+){0,5} (?:bloquead[oa]|suspendid[oa]|deshabilitad[oa]|inhabilitad[oa]|desactivad[oa])` +
        String.raw`|demasiados (?:\p{L}+ ){0,2}intentos`,
    ),
    unless: words('será|puede|podría|podrá|si|después de|tras|antes|evitar|no|quedan?'),
  },
  {
    says: words(
      String.raw`(?:conta|usuário|utilizador|acesso)(?: \p{L}+){0,5} (?:bloquead[oa]|suspens[oa]|desativad[oa]|desabilitad[oa])` +
        String.raw`|(?:muitas|demasiadas) (?:\p{L}+ ){0,2}tentativas`,
    ),
    unless: words('será|pode|poderá|poderia|se|após|depois de|antes|evitar|não|restam?'),
  },
  {
    says: words(
      String.raw`(?:account|utente|utenza|accesso)(?: \p{L}+){0,5} (?:bloccat[oa]|sospes[oa]|disabilitat[oa]|disattivat[oa])` +
        String.raw`|troppi (?:\p{L}+ ){0,2}tentativi`,
    ),
    unless: words('sarà|verrà|può|potrebbe|se|dopo|prima|evitare|non|rimangono|rimast[io]'),
  },
  {
    says: words(
      String.raw`(?:account|gebruiker)(?: \p{L}+){0,5} (?:geblokkeerd|vergrendeld|opgeschort|uitgeschakeld)` +
        String.raw`|te veel (?:\p{L}+ ){0,3}\p{L}*pogingen`,
    ),
    unless: words(String.raw`wordt|zal|kan|als|indien|wanneer|voordat|na \d+|niet|nog`),
  },
  {
    says: words(
      String.raw`kont[oa](?: \p{L}+){0,4} (?:zablokowan[eoy]|zawieszon[eoy]|wyłączon[eoy])` +
        String.raw`|zbyt wiele (?:\p{L}+ ){0,3}prób`,
    ),
    unless: words('zostanie|może|jeśli|jeżeli|gdy|po|przed|nie|pozostał[oy]'),
  },
  {
    says: words(
      String.raw`(?:аккаунт|уч[её]тная запись|профиль|пользователь|доступ)(?: \p{L}+){0,4} (?:заблокирован|приостановлен|отключ[её]н)\p{L}*` +
        String.raw`|слишком много (?:\p{L}+ ){0,3}попыток`,
    ),
    unless: words('будет|может|если|когда|после|до|чтобы|не|осталось'),
  },
  {
    says: /アカウント.{0,12}(?:ロック|停止|凍結|無効化?)(?:され(?:まし|てい)|しました)|(?:試行|ログイン)回数.{0,6}(?:上限|制限).{0,2}(?:超え|達し)/u,
    unless: /場合|すると|前に|可能性/u,
  },
  {
    says: /(?:账[户号]|帳[戶號]|用户|用戶).{0,6}已.{0,3}(?:锁定|鎖定|停用|禁用|冻结|凍結)|(?:尝试|嘗試|登录|登入)次[数數](?:过多|過多|太多)/u,
    unless: /将|將|如果|若|可能|会|會|未/u,
  },
]

/** Whether text that was not there before says that the username or the password is not right. */
export function saysNo(newText: string): boolean {
  return rejection.test(newText)
}

/** Whether text that was not there before speaks of the site's own trouble, and not of what was typed. */
export function saysTrouble(newText: string): boolean {
  const lines = newText.split('\n')
  const isOfWhatWasTyped = (line: string) => ofCredentials.test(line) && rejection.test(line)
  return (
    lines.some((line) => trouble.test(line) && !ofCredentials.test(line)) && !lines.some(isOfWhatWasTyped)
  )
}

/**
 * Whether text that was not there before says that the account is locked: a sentence that states it, not one that warns or asks.
 * In doubt it does not, and what is then taken for a rejected password stops the logins as well.
 */
export function saysLocked(newText: string): boolean {
  return sentencesOf(newText).some((sentence) => lockWords.some((language) => states(language, sentence)))
}

function states({ says, unless }: LockWords, sentence: string): boolean {
  const found = says.exec(sentence)
  return found !== null && !unless.test(sentence.slice(0, found.index + found[0].length))
}

function sentencesOf(text: string): string[] {
  const sentences = text.match(/[^.!?;。！？；\n]+[.!?;。！？；]?/gu) ?? []
  return sentences.filter((sentence) => !/[?？]$/.test(sentence.trim()))
}
