/** The browser's storage, or none where it is forbidden or full: the page then works without a memory. */
function guarded(pick: () => Storage) {
  return {
    get(key: string): string | null {
      try {
        return pick().getItem(key);
      } catch {
        return null;
      }
    },
    set(key: string, value: string | null): void {
      try {
        if (value === null) pick().removeItem(key);
        else pick().setItem(key, value);
      } catch {
        // Full or forbidden: the choice holds until the page is closed.
      }
    },
  };
}

export const kept = guarded(() => localStorage);
export const tabOnly = guarded(() => sessionStorage);
