// Two spellings of a name are one person: what is compared wherever a person may not act twice.
export const personOf = (name: string): string => name.normalize('NFKC').trim().replace(/\s+/g, ' ').toLocaleLowerCase('en');
