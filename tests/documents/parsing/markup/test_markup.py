from __future__ import annotations

import json
import time
from email.message import EmailMessage

import pytest

from documents import chunking, parsing
from documents.chunking import ChunkOptions
from documents.errors import BrokenFile
from tests.documents.conftest import Put


def text_of(put: Put, name: str, content: bytes | str) -> str:
    data = content.encode() if isinstance(content, str) else content
    return parsing.parse(put(name, data), name).text


def test_a_web_page_has_its_words_without_addresses_and_scripts(put: Put) -> None:
    page = """<html><head><title>Tea</title><style>p{}</style></head><body>
    <p>Read <a href="http://x.example/y?z=1">this &amp; that</a>, a&lt;b.</p>
    <script>alert(1)</script><img src="data:image/png;base64,AAAA" alt="A cup">
    <ol start="3"><li>three<ul><li>inner</li></ul></li><li>four</li></ol>
    <pre><code class="language-python">def f():
    return 1</code></pre>
    <table><thead><tr><th>Name</th><th>Price</th></tr></thead>
    <tr><td rowspan=2>Assam</td><td>1</td></tr><tr><td>2</td></tr></table></body>"""
    assert text_of(put, "a.html", page).split("\n\n") == [
        "# Tea",
        "Read this & that, a<b.",
        "A cup",
        "3. three\n  - inner\n4. four",
        "```python\ndef f():\n    return 1\n```",
        "| Name | Price |\n| --- | --- |\n| Assam | 1 |\n|  | 2 |",
    ]


@pytest.mark.parametrize(
    ("name", "content"),
    [
        ("a.csv", 'name,note\nAnn,"a, ""b"" & c"\nBo,two\n'),
        ("a.csv", 'name;note\nAnn;a, "b" & c\nBo;two\n'),
        ("a.tsv", 'name\tnote\nAnn\t"a, ""b"" & c"\nBo\ttwo\n'),
    ],
)
def test_a_delimited_file_is_a_table(put: Put, name: str, content: str) -> None:
    assert text_of(put, name, content) == (
        '| name | note |\n| --- | --- |\n| Ann | a, "b" & c |\n| Bo | two |'
    )


def test_a_large_table_is_divided_between_rows_and_repeats_its_header(put: Put) -> None:
    rows = "".join(f"Person {n},{n}\n" for n in range(100))
    parsed = parsing.parse(put("a.csv", f"name,age\n{rows}".encode()), "a.csv")
    drafts = chunking.split(parsed, ChunkOptions("paragraph_semantic", 100, 20))
    assert len(drafts) > 5
    for draft in drafts:
        header, rule, *lines = draft.content.splitlines()
        assert (header, rule) == ("| name | age |", "| --- | --- |")
        assert all(line.startswith("| Person ") for line in lines)


def test_a_notebook_has_its_texts_code_and_outputs(put: Put) -> None:
    cells = [
        {"cell_type": "markdown", "source": ["# Tea\n", "Green."]},
        {
            "cell_type": "code",
            "source": "print(1)",
            "outputs": [
                {"output_type": "stream", "text": ["1\n"]},
                {
                    "output_type": "display_data",
                    "data": {"image/png": "iVBORw0KGgo=", "text/plain": "<Figure>"},
                },
            ],
        },
    ]
    metadata = {"language_info": {"name": "python"}}
    content = json.dumps({"cells": cells, "metadata": metadata})
    assert text_of(put, "a.ipynb", content) == (
        "# Tea\nGreen.\n\n```python\nprint(1)\n```\n\n```\n1\n```\n\n```\n<Figure>\n```"
    )
    with pytest.raises(BrokenFile, match="not a Jupyter notebook"):
        text_of(put, "b.ipynb", "[1, 2]")


def test_a_mail_has_its_headers_text_and_attachments(put: Put) -> None:
    message = EmailMessage()
    message["From"], message["To"] = "Ann <ann@example.org>", "bo@example.org"
    message["Subject"] = "Grüße & tea"
    message.set_content("First.\n\nSecond <b>.")
    message.add_alternative("<p>First as HTML</p>", subtype="html")
    message.add_attachment(
        b"%PDF", maintype="application", subtype="pdf", filename="a/b:c.pdf"
    )
    parsed = parsing.parse(put("a.eml", bytes(message)), "a.eml")
    assert parsed.text == (
        "# Grüße & tea\n\nFrom: Ann <ann@example.org>\nTo: bo@example.org\n"
        "Subject: Grüße & tea\n\nFirst.\n\nSecond <b>."
    )
    assert [(a.name, a.content) for a in parsed.attachments] == [("a_b_c.pdf", b"%PDF")]
    box = b"From ann Mon Jan  1 00:00:00 2026\n" + bytes(message) + b"\n"
    assert text_of(put, "a.mbox", box * 2).count("# Grüße & tea") == 2


def test_a_tex_source_has_headings_tables_and_formulas(put: Put) -> None:
    source = r"""\documentclass{article}\title{Tea}\begin{document}
\section{Gr\"une} % a comment
R\&D \textbf{bold} $x^2$ \cite{a2020}.
\begin{itemize}\item one \item two\end{itemize}
\begin{tabular}{l|r}\hline Name & Price \\ \midrule Assam & 12\% \\ \end{tabular}
\begin{equation}\label{e} E = mc^2 \end{equation}
\end{document}"""
    assert text_of(put, "a.tex", source).split("\n\n") == [
        "# Tea",
        "## Grüne",
        "R&D bold $x^2$ [a2020].",
        "- one\n- two",
        "| Name | Price |\n| --- | --- |\n| Assam | 12% |",
        "$$\nE = mc^2\n$$",
    ]


def test_an_xml_file_has_records_as_a_table(put: Put) -> None:
    source = "<shop><name>Tea &amp; Co</name><items>" + "".join(
        f'<item id="{n}"><name>Tea {n}</name><price>{n}.50</price></item>'
        for n in range(3)
    )
    assert text_of(put, "a.xml", source + "</items></shop>") == (
        "# shop\n\nname: Tea & Co\n\n## items\n\n| id | name | price |\n"
        "| --- | --- | --- |\n| 0 | Tea 0 | 0.50 |\n| 1 | Tea 1 | 1.50 |\n"
        "| 2 | Tea 2 | 2.50 |"
    )


def test_source_code_is_unchanged_and_divided_at_definitions(put: Put) -> None:
    source = "import os\n\n# Adds.\ndef add(a, b):\n    return a + b\n\n\nclass A:\n    x = 1"
    parsed = parsing.parse(put("a.py", source.encode()), "a.py")
    assert parsed.text == source
    parts = [parsed.text[span.start : span.end] for span in parsed.blocks]
    assert [part.split("\n")[0] for part in parts] == [
        "import os",
        "# Adds.",
        "class A:",
    ]


def test_an_org_file_has_its_sections(put: Put) -> None:
    source = (
        "#+TITLE: Notes\n* TODO Tea :tag:\nSee [[http://x.example][the page]].\n"
        "- one\n  1. two\n| a | b |\n|---+---|\n| 1 | 2 |\n"
        "#+BEGIN_SRC python\nx = 1\n#+END_SRC\n"
    )
    text = text_of(put, "a.org", source.replace("| a", "\n| a", 1))
    assert text == (
        "# Notes\n\n# Tea\n\nSee the page.\n\n- one\n  1. two\n\n"
        "| a | b |\n| --- | --- |\n| 1 | 2 |\n\n```python\nx = 1\n```"
    )


def test_lists_of_a_tex_source_may_be_nested(put: Put) -> None:
    source = r"""\begin{document}
\begin{itemize}\item one
\begin{itemize}\item[(a)] inner \begin{enumerate}\item deep\end{enumerate}\end{itemize}
\item two\end{itemize}
\begin{verbatim}
\begin{verbatim}\begin{itemize}
\end{verbatim}
\begin{itemize}\item three\end{itemize}
\end{document}"""
    assert text_of(put, "a.tex", source) == (
        "- one\n  - (a) inner\n    1. deep\n- two\n\n"
        "```\n\\begin{verbatim}\\begin{itemize}\n```\n\n- three"
    )


def test_unclosed_parts_of_a_tex_source_are_text(put: Put) -> None:
    source = r"\section{A} x \[ y $a$ \( z \begin{table} \emph{w} \section[o"
    text = text_of(put, "a.tex", source)
    assert text.startswith("## A\n\nx \\[ y $a$ \\( z")
    assert "w" in text


@pytest.mark.parametrize(
    ("name", "start", "unit"),
    [
        ("a.tex", "", r"\begin{itemize}"),
        ("a.tex", "", r"\begin{a}\end{b}"),
        ("a.tex", "", r"\section{\[}"),
        ("a.tex", r"\section", "\n"),
        ("a.tex", "", r"\section["),
        ("a.tex", "", r"\("),
        ("a.tex", "", r"\def\a"),
        ("a.tex", r"\begin{tabular}{l}\end{tabular}", r"\cite[a]{"),
        ("a.org", "", "[["),
        ("a.org", "* TODO a", " "),
        ("a.md", "", "!["),
        ("a.md", "", "![](data:"),
        ("a.html", "<p>", "<br> "),
        ("a.html", "<p>a</p><meta charset=", " "),
    ],
)
def test_repeated_marks_are_parsed_in_linear_time(
    put: Put, name: str, start: str, unit: str
) -> None:
    def seconds(chars: int) -> float:
        path = put(name, (start + unit * (chars // len(unit)) + "x").encode())
        started = time.process_time()
        parsing.parse(path, name)
        return time.process_time() - started

    short = seconds(20_000)
    assert seconds(200_000) < max(25 * short, 0.5)


def test_an_image_of_a_missing_attachment_is_replaced_by_its_alternative_text(
    put: Put,
) -> None:
    cell = {"cell_type": "markdown", "source": "![a](attachment:b.png) ![c] ![d](e"}
    source = json.dumps({"cells": [cell], "metadata": {}})
    assert text_of(put, "a.ipynb", source) == "a ![c] ![d](e"
