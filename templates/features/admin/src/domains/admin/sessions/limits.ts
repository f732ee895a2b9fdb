/** Seconds after its last use at which a session ends (ASVS 5.0, 7.3.1). */
export const idle = 15 * 60;
/** Seconds after its beginning at which a session ends (ASVS 5.0, 7.3.2). */
export const longest = 8 * 60 * 60;
/** Seconds for which a proof of the second factor counts for sensitive acts (ASVS 5.0, 7.5). */
export const fresh = 5 * 60;
/** Seconds between two notes that a session is in use. */
export const noteEvery = 60;
