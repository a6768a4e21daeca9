// Style sheets are side effects that the bundler takes care of.
declare module '*.css';
declare module '@fontsource-variable/*';
