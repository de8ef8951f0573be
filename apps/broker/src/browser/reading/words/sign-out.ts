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
  /** Of an address to which a link or a form leads. */
  signOutPath: /(?:log|sign)[-_]?(?:out|off)\b/i,
} as const
