// The fonts of create-next-app's layout come from Google at build time, which tests do not ask.
const face = (family) =>
  `@font-face { font-family: '${family}'; font-style: normal; font-weight: 100 900; src: local('Arial'); }`;
const url = (family) =>
  `https://fonts.googleapis.com/css2?family=${family}:wght@100..900&display=swap`;

module.exports = { [url("Geist")]: face("Geist"), [url("Geist+Mono")]: face("Geist Mono") };
