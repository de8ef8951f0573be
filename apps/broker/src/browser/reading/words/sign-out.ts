import { anyOf } from './any-of.ts'

/** The way out. */
export const signOutWords = {
  signOut: anyOf(
    ...[
      'sign[ -]?(?:out|off)',
      'log[ -]?(?:out|off)',
      'abmelden',
      'ausloggen',
      'd[ée]connexion',
      'd[ée]connecter',
    ],
    ...['quitter', 'cerrar (?:la )?sesi[óo]n', 'salir', 'esci', 'disconnetti', 'sair', 'terminar sess[ãa]o'],
    ...['uitloggen', 'afmelden', 'wyloguj', 'выйти', 'выход', 'oturumu kapat', '[çc][ıi]k[ıi][şs]'],
    ...['ログアウト', 'サインアウト', '退出', '登出', '注销'],
  ),
  /** Links to pages that are somebody's own. */
  ownPages:
    /^(?:my |meine? |mes |mon |mis? |i miei |il mio |meus? |minhas? |mijn |moje |мои |マイ|我的)\S|(?:^|\s)(?:orders|account|profile|dashboard)$/iu,
  /** Of an address to which a link or a form leads. */
  signOutPath: /(?:log|sign)[-_]?(?:out|off)\b/i,
} as const
