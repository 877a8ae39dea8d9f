/** Text of a remote program, put into the bundle when it is built. */
declare module '*.sh?raw' {
  const text: string;
  export default text;
}
