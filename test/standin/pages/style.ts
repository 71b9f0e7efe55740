/** The one stylesheet; it is served from its own address because the pages allow no inline style. */
export const style = `
:root {
  --text: #1f2328; --quiet: #59636e; --back: #ffffff; --soft: #f6f8fa; --line: #d1d9e0; --link: #0969da;
  --green: #1a7f37; --red: #cf222e; --amber: #9a6700; --violet: #8250df;
  --added: #dafbe1; --removed: #ffebe9; --hunk: #ddf4ff;
}
@media (prefers-color-scheme: dark) {
  :root {
    --text: #e6edf3; --quiet: #9198a1; --back: #0d1117; --soft: #151b23; --line: #3d444d; --link: #4493f8;
    --green: #3fb950; --red: #f85149; --amber: #d29922; --violet: #ab7df8;
    --added: #12261e; --removed: #301b1e; --hunk: #131d2e;
  }
}
* { box-sizing: border-box; }
body { margin: 0; background: var(--back); color: var(--text); font: 14px/1.5 system-ui, -apple-system, "Segoe UI", sans-serif; }
a { color: var(--link); text-decoration: none; }
a:hover { text-decoration: underline; }
main { max-width: 1060px; margin: 0 auto; padding: 16px 24px 64px; }
h1 { font-size: 26px; font-weight: 400; margin: 8px 0; line-height: 1.25; overflow-wrap: anywhere; }
h2 { font-size: 17px; font-weight: 600; margin: 24px 0 8px; }
code, pre, .mono { font-family: ui-monospace, SFMono-Regular, Menlo, Consolas, monospace; font-size: 12px; }
.top { display: flex; gap: 16px; align-items: center; padding: 12px 24px; background: var(--soft); border-bottom: 1px solid var(--line); }
.top .home { color: var(--quiet); }
.top .repository { color: var(--text); font-weight: 600; }
.top .aside { margin-left: auto; display: flex; gap: 16px; }
.top .aside a { color: var(--quiet); }
.tabs { display: flex; gap: 4px; padding: 0 24px; border-bottom: 1px solid var(--line); background: var(--soft); flex-wrap: wrap; }
main .tabs { padding: 0; background: none; margin: 16px 0; }
.tabs a { padding: 8px 12px; color: var(--text); border-bottom: 2px solid transparent; }
.tabs a[aria-current] { border-bottom-color: #fd8c73; font-weight: 600; }
.quiet, .quiet a { color: var(--quiet); }
.badge { display: inline-block; padding: 2px 10px; border-radius: 999px; color: #fff; font-size: 13px; font-weight: 500; }
.badge-open { background: #1f883d; } .badge-draft { background: #59636e; } .badge-merged { background: #8250df; } .badge-closed { background: #cf222e; }
.badge-done { background: #8250df; }
.tag { border: 1px solid var(--line); border-radius: 999px; padding: 0 7px; font-size: 12px; color: var(--quiet); font-weight: 400; white-space: nowrap; }
.label svg { width: 9px; height: 9px; margin-right: 4px; }
.box { border: 1px solid var(--line); border-radius: 6px; margin: 16px 0; background: var(--back); }
.box > header { background: var(--soft); border-bottom: 1px solid var(--line); padding: 8px 16px; border-radius: 6px 6px 0 0; overflow-wrap: anywhere; }
.box > .inside { padding: 12px 16px; }
.box > :last-child { border-bottom-left-radius: 6px; border-bottom-right-radius: 6px; }
.event { margin: 12px 0 12px 16px; padding-left: 12px; border-left: 2px solid var(--line); }
.event ul { list-style: none; margin: 4px 0 0; padding: 0; }
.rows { list-style: none; margin: 0; padding: 0; }
.rows > li { padding: 8px 16px; border-top: 1px solid var(--line); display: flex; gap: 8px; align-items: baseline; flex-wrap: wrap; }
.rows > li:first-child { border-top: 0; }
.rows .end { margin-left: auto; }
.mark { display: inline-block; min-width: 1em; font-weight: 700; text-align: center; }
.mark-passed { color: var(--green); } .mark-failed { color: var(--red); } .mark-running { color: var(--amber); } .mark-neutral { color: var(--quiet); }
.checks { list-style: none; margin: 0; padding: 0; }
.checks .check { padding: 6px 16px; border-top: 1px solid var(--line); }
.checks .check:first-child { border-top: 0; }
.merge-passed { border-color: var(--green); } .merge-failed { border-color: var(--red); } .merge-running { border-color: var(--amber); }
.reactions { display: flex; gap: 6px; padding: 0 16px 12px; }
.reactions span { border: 1px solid var(--line); border-radius: 999px; padding: 0 8px; }
.markdown { overflow-wrap: anywhere; }
.markdown > :first-child { margin-top: 0; } .markdown > :last-child { margin-bottom: 0; }
.markdown h1 { font-size: 22px; font-weight: 600; border-bottom: 1px solid var(--line); padding-bottom: 4px; }
.markdown h2 { font-size: 18px; border-bottom: 1px solid var(--line); padding-bottom: 4px; }
.markdown h3 { font-size: 15px; margin: 16px 0 8px; }
.markdown table { border-collapse: collapse; display: block; overflow-x: auto; }
.markdown th, .markdown td { border: 1px solid var(--line); padding: 4px 12px; }
.markdown th { background: var(--soft); }
.markdown code { background: var(--soft); border-radius: 4px; padding: 2px 5px; }
.markdown pre { background: var(--soft); border-radius: 6px; padding: 12px 16px; overflow: auto; }
.markdown pre code { padding: 0; background: none; }
.markdown blockquote { margin: 0 0 12px; padding: 0 12px; border-left: 4px solid var(--line); color: var(--quiet); }
.markdown .alert { color: var(--text); border-left-color: var(--link); }
.markdown .alert-warning, .markdown .alert-caution { border-left-color: var(--amber); }
.markdown li.task { list-style: none; margin-left: -20px; }
.markdown details { margin: 8px 0; } .markdown summary { cursor: pointer; }
.markdown img { max-width: 100%; }
.diff { border-collapse: collapse; width: 100%; table-layout: fixed; }
.diff td { padding: 0 8px; vertical-align: top; font-family: ui-monospace, SFMono-Regular, Menlo, Consolas, monospace; font-size: 12px; line-height: 20px; }
.diff td.code { white-space: pre-wrap; overflow-wrap: anywhere; }
.diff td.number { width: 48px; text-align: right; color: var(--quiet); user-select: none; }
.diff td.sign { width: 20px; padding: 0 0 0 6px; user-select: none; }
.diff .added td { background: var(--added); } .diff .removed td { background: var(--removed); } .diff .hunk td { background: var(--hunk); color: var(--quiet); }
.diff .note td { color: var(--quiet); }
.diff td.remark { padding: 8px 16px; background: var(--back); font: inherit; }
.thread { border: 1px solid var(--line); border-radius: 6px; margin: 8px 0; overflow: hidden; }
.thread > header, .thread > summary { background: var(--soft); padding: 6px 12px; }
.thread .say { padding: 8px 12px; border-top: 1px solid var(--line); }
.thread .resolved { color: var(--violet); }
.trailers { display: grid; grid-template-columns: max-content 1fr; gap: 2px 12px; margin: 8px 0 0; }
.trailers dt { color: var(--quiet); } .trailers dd { margin: 0; overflow-wrap: anywhere; }
.log { background: var(--soft); border-radius: 6px; padding: 12px 16px; margin: 0; overflow: auto; max-height: 640px; white-space: pre-wrap; overflow-wrap: anywhere; }
.log .error { color: var(--red); } .log .warning { color: var(--amber); } .log .group { font-weight: 600; }
table.list { border-collapse: collapse; width: 100%; }
table.list th, table.list td { text-align: left; padding: 4px 12px; border-bottom: 1px solid var(--line); vertical-align: top; overflow-wrap: anywhere; }
table.list th { color: var(--quiet); font-weight: 500; }
`;
