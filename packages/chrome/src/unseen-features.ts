/**
 * What Chrome keeps for its address bar, two pages of its own for every window, which nobody sees in a headless one.
 * Without them a new context costs about half the processor time.
 */
export const unseenFeatures: readonly string[] = ['WebUIOmniboxPopup', 'WebUIOmniboxAimPopup']
