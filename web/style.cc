#include "web/style.h"

namespace cairn::web {

const std::string_view kStyle = R"css(:root {
  color-scheme: light dark;
  --ground: #f4f5f7; --card: #ffffff; --text: #1c2430; --quiet: #4d5866; --line: #c3cad3;
  --accent: #0b5cad; --on-accent: #ffffff; --bad: #a3161b; --good: #14602c;
}
@media (prefers-color-scheme: dark) {
  :root {
    --ground: #12161c; --card: #1b212a; --text: #e8edf3; --quiet: #b3bdc9; --line: #4a5563;
    --accent: #7ab8f5; --on-accent: #0d1a28; --bad: #ff9a9a; --good: #8fdca8;
  }
}
* { box-sizing: border-box; }
body { margin: 0; background: var(--ground); color: var(--text); font: 1rem/1.5 system-ui, sans-serif; }
main { max-width: 46rem; margin: 0 auto; padding: 2rem 1rem 4rem; }
main.narrow { max-width: 27rem; padding-top: 12vh; }
section, main.narrow > form, .card {
  background: var(--card); border: 1px solid var(--line); border-radius: .6rem;
  padding: 1.2rem 1.4rem; margin: 0 0 1.2rem;
}
section > :first-child { margin-top: 0; }
section > :last-child { margin-bottom: 0; }
h1 { font-size: 1.5rem; margin: 0 0 1rem; }
h2 { font-size: 1.15rem; margin: 0 0 .8rem; }
label { display: block; margin: .8rem 0 .25rem; font-weight: 600; }
input { width: 100%; padding: .55rem .7rem; font: inherit; color: inherit; background: var(--ground);
  border: 1px solid var(--quiet); border-radius: .4rem; }
button { margin: 1rem 0 0; padding: .55rem 1.1rem; font: inherit; font-weight: 600; cursor: pointer;
  color: var(--on-accent); background: var(--accent); border: 0; border-radius: .4rem; }
a { color: var(--accent); }
a.button { display: inline-block; padding: .55rem 1.1rem; font-weight: 600; text-decoration: none;
  color: var(--on-accent); background: var(--accent); border-radius: .4rem; }
button:disabled { opacity: .6; cursor: default; }
.note { white-space: pre-line; overflow-wrap: anywhere; }
.crumbs { list-style: none; margin: 0 0 1rem; padding: 0; overflow-wrap: anywhere; }
.crumbs li { display: inline; }
.crumbs li::after { content: " /"; color: var(--quiet); }
.uploads { list-style: none; margin: 1rem 0 0; padding: 0; }
.uploads li { margin: 0 0 .6rem; overflow-wrap: anywhere; }
.uploads progress { display: block; width: 100%; accent-color: var(--accent); }
dt { font-weight: 600; }
dd { margin: 0 0 .6rem; overflow-wrap: anywhere; }
h1 { overflow-wrap: anywhere; }
a:focus-visible, input:focus-visible, button:focus-visible { outline: 3px solid var(--accent); outline-offset: 2px; }
.hint { margin: .25rem 0 0; color: var(--quiet); font-size: .9rem; }
.qr { display: block; width: 14rem; max-width: 100%; margin: .6rem 0; }
.picture { display: block; border-radius: 50%; }
ul.secret { columns: 2; }
.alert { color: var(--bad); font-weight: 600; }
.done { color: var(--good); font-weight: 600; }
.secret { font-family: ui-monospace, monospace; font-size: 1.1rem; overflow-wrap: anywhere; }
table { width: 100%; border-collapse: collapse; }
caption { text-align: left; font-weight: 600; margin-bottom: .4rem; }
th, td { text-align: left; padding: .4rem .5rem .4rem 0; border-bottom: 1px solid var(--line); vertical-align: top; overflow-wrap: anywhere; }
td form { display: inline; }
td button { margin: 0 .3rem .3rem 0; padding: .25rem .7rem; }
)css";

}  // namespace cairn::web
