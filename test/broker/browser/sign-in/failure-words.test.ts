import t from 'tap'
import { saysLocked, saysNo, saysTrouble } from '../../../../apps/broker/src/browser/sign-in/failure-words.ts'

const locked = [
  'Your account has been locked.',
  'Your account has been temporarily locked after 5 failed attempts. Try again in 30 minutes.',
  'This account is disabled',
  'Account locked',
  'We have locked your account to protect it',
  'User account has been disabled.',
  'Error: Your user account is currently suspended. Please contact your administrator.',
  'Too many failed login attempts. Please try again later.',
  'You are temporarily locked out.',
  'Ihr Konto wurde aus Sicherheitsgründen gesperrt.',
  'Ihr Benutzerkonto ist deaktiviert',
  'Zu viele fehlgeschlagene Anmeldeversuche. Bitte warten Sie 15 Minuten.',
  'Votre compte a été temporairement bloqué.',
  'Trop de tentatives de connexion',
  'Su cuenta ha sido bloqueada tras varios intentos fallidos.',
  'Demasiados intentos fallidos',
  'A sua conta foi bloqueada.',
  'Muitas tentativas de login',
  'Il tuo account è stato bloccato.',
  'Troppi tentativi di accesso',
  'Uw account is tijdelijk geblokkeerd',
  'Twoje konto zostało zablokowane.',
  'Ваш аккаунт временно заблокирован.',
  'Слишком много неудачных попыток входа',
  'アカウントがロックされました。',
  'アカウントは停止されています',
  '您的账号已被锁定，请联系管理员。',
  '登录次数过多，请稍后再试',
]

const notLocked = [
  'The username or the password is not right.',
  'Wrong password. Accounts are locked after 5 tries.',
  'Your account will be locked after 3 more failed attempts.',
  'You have 2 attempts left before your account is locked.',
  'If your account is locked, call us.',
  'To avoid that your account is locked, reset your password.',
  'Your account is locked after five wrong passwords.',
  'Too many failed attempts will lock your account.',
  'Your account is not locked.',
  'Account locked? Get help here',
  'JavaScript is disabled',
  'Unlock your account',
  'Nach 5 Fehlversuchen wird Ihr Konto gesperrt.',
  'Wenn Ihr Konto gesperrt ist, rufen Sie uns an.',
  'Ihr Konto ist nicht gesperrt.',
  'Votre compte sera bloqué après 3 essais.',
  'Si votre compte est bloqué, appelez-nous.',
  'Su cuenta será bloqueada tras 3 intentos.',
  '¿Su cuenta está bloqueada?',
  'A sua conta será bloqueada após 3 tentativas.',
  'Il tuo account verrà bloccato dopo 3 tentativi.',
  'Na 3 pogingen wordt uw account geblokkeerd',
  'Po 3 próbach konto zostanie zablokowane',
  'После 3 попыток аккаунт будет заблокирован',
  '5回失敗するとアカウントがロックされます',
  '连续输错5次将锁定账号',
]

t.test('a sentence that states a lock is one, in several languages', async (t) => {
  for (const text of locked) t.ok(saysLocked(`Parcel Desk\n${text}\nSign in`), text)
})

t.test('one that warns, explains, denies or asks is none', async (t) => {
  for (const text of notLocked) t.notOk(saysLocked(`Parcel Desk\n${text}\nSign in`), text)
})

t.test('a rejection is told from other words', async (t) => {
  for (const text of ['Invalid credentials', 'Falsches Passwort', 'Contraseña incorrecta'])
    t.ok(saysNo(text), text)
  t.notOk(saysNo('Welcome back'))
})

t.test('a long page is read at once', async (t) => {
  const text =
    'The user of the account has been reading this account for too many long hours and more \n'.repeat(5_000)
  const since = performance.now()
  t.notOk(saysLocked(text))
  t.ok(performance.now() - since < 5_000)
})

t.test('a site that is in trouble is not one that says no', async (t) => {
  const said = [
    'Password\nSomething went wrong on our side.\nLog in',
    'Es ist ein technischer Fehler aufgetreten.',
    'Erreur interne, réessayez plus tard.',
    'Ошибка сервера',
    '系统错误，请稍后再试',
  ]
  for (const text of said) t.ok(saysTrouble(text), text)
  const no = ['Wrong password, try again later', 'Falsches Kennwort', 'Wrong password\nTry again later']
  for (const text of no) t.notOk(saysTrouble(text), text)
})
