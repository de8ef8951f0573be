const passed = [
  // where it lives and who runs it
  ...['PATH', 'HOME', 'USER', 'LOGNAME', 'SHELL', 'TMPDIR', 'TZ', 'LANG', 'LANGUAGE'],
  // a window on the person's desktop
  ...['DISPLAY', 'WAYLAND_DISPLAY', 'XAUTHORITY', 'DBUS_SESSION_BUS_ADDRESS'],
  // fonts and libraries that a distribution lays elsewhere
  ...['FONTCONFIG_FILE', 'FONTCONFIG_PATH', 'LD_LIBRARY_PATH'],
  // the way out, where a machine has no other
  ...['http_proxy', 'https_proxy', 'all_proxy', 'no_proxy'],
  ...['HTTP_PROXY', 'HTTPS_PROXY', 'ALL_PROXY', 'NO_PROXY'],
  // without these no program starts on Windows
  ...['SystemRoot', 'SystemDrive', 'windir', 'TEMP', 'TMP', 'USERPROFILE', 'APPDATA', 'LOCALAPPDATA'],
  ...['ProgramFiles', 'ProgramFiles(x86)', 'ProgramData', 'PROCESSOR_ARCHITECTURE', 'Path'],
]

const passedPrefixes = ['LC_', 'XDG_']

/**
 * The part of an environment that a browser needs. An allow-list: passwords and keys that the parent holds in its
 * environment never reach a process that runs foreign code.
 */
export function pickBrowserEnv(env: Readonly<Record<string, string | undefined>>): Record<string, string> {
  const picked: Record<string, string> = {}
  for (const [name, value] of Object.entries(env)) {
    if (value === undefined) continue
    if (passed.includes(name) || passedPrefixes.some((prefix) => name.startsWith(prefix)))
      picked[name] = value
  }
  return picked
}
