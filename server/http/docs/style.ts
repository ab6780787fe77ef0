/** The style of the documentation page. Its hash is part of the page's content security policy. */
export const docsStyle = `
:root {
  color-scheme: light dark;
  --text: light-dark(#1d2328, #e4e7ea);
  --soft: light-dark(#5a6670, #9aa5ae);
  --line: light-dark(#dde2e6, #333b42);
  --page: light-dark(#ffffff, #14181b);
  --panel: light-dark(#f6f8f9, #1b2125);
  --accent: light-dark(#0b6b62, #5cc8bb);
}
* { box-sizing: border-box; }
html { scroll-padding-top: 16px; }
body {
  margin: 0; display: grid; grid-template-columns: 320px minmax(0, 1fr);
  background: var(--page); color: var(--text);
  font: 15px/1.5 system-ui, -apple-system, "Segoe UI", sans-serif;
}
nav {
  position: sticky; top: 0; height: 100vh; overflow-y: auto; padding: 24px;
  background: var(--panel); border-right: 1px solid var(--line);
}
main { padding: 24px 32px 96px; max-width: 960px; }
h1 { font-size: 18px; margin: 0 0 16px; }
h1 small { color: var(--soft); font-weight: 400; }
h2 { font-size: 20px; margin: 40px 0 16px; }
nav h2 { font-size: 12px; margin: 24px 0 8px; color: var(--soft); text-transform: uppercase; letter-spacing: .06em; }
h3 { font-size: 16px; margin: 0 0 8px; font-weight: 600; overflow-wrap: anywhere; }
h4 { font-size: 13px; margin: 16px 0 8px; color: var(--soft); }
p { margin: 0 0 8px; }
a { color: var(--accent); }
nav ul { list-style: none; margin: 0; padding: 0; }
nav li a {
  display: block; padding: 4px 8px; margin: 0 -8px; border-radius: 6px; color: var(--text);
  text-decoration: none; font-size: 13px; overflow-wrap: anywhere;
}
nav li a:hover, nav li a:focus-visible { background: var(--line); }
article { padding: 16px; margin: 0 0 16px; border: 1px solid var(--line); border-radius: 8px; }
article:target { border-color: var(--accent); }
code { font: 13px/1.5 ui-monospace, SFMono-Regular, Menlo, Consolas, monospace; }
.method {
  display: inline-block; min-width: 52px; padding: 0 6px; border: 1px solid currentColor; border-radius: 6px;
  font: 600 11px/18px ui-monospace, SFMono-Regular, Menlo, Consolas, monospace; text-align: center;
}
.get { color: light-dark(#0b5cad, #7ab8f5); }
.post { color: light-dark(#0b6b3a, #6fcf97); }
.put, .patch { color: light-dark(#8a5200, #e6b35c); }
.delete { color: light-dark(#b3261e, #f2938c); }
.type, .note, .limits, td:last-child { color: var(--soft); font-size: 13px; }
.note, .limits { display: block; }
summary .note { display: inline; }
.required { color: var(--accent); font-size: 12px; }
table { width: 100%; border-collapse: collapse; font-size: 13px; display: block; overflow-x: auto; }
th, td { text-align: left; padding: 6px 12px 6px 0; border-bottom: 1px solid var(--line); vertical-align: top; }
details { margin: 8px 0 0; }
summary { cursor: pointer; }
.members { margin: 4px 0; padding: 0 0 0 16px; border-left: 2px solid var(--line); list-style: none; }
.members li { margin: 4px 0; overflow-wrap: anywhere; }
@media (max-width: 800px) {
  body { display: block; }
  nav { position: static; height: auto; border-right: 0; border-bottom: 1px solid var(--line); }
  main { padding: 16px; }
}
`
