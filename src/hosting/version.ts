/** The version that stands in ledgers and in `gump --version`; a test holds it to package.json. */
export const gumpVersion = '0.1.0';
