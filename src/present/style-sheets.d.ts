// Style sheets: the panel's are bundled as their text; the report page's into a file of their own, and give nothing.

declare module '*.css' {
  const text: string;
  export default text;
}
