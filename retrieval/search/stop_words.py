"""Words that are too common to tell what a text is about."""

from __future__ import annotations

# English, also the parts into which `lexical.segment` splits "don't" and "what's"
_ENGLISH = """
a about above after again all also am an and any are aren as at be because been
before being below between both but by can cannot could couldn d did didn do does
doesn doing don done down during each either else ever every few for from further
give get go got had has hasn have haven having he her here hers him his how i if
in into is isn it its itself just know let ll like m many may me might more most
much must my name need no nor not of off on once one only or other our out over own
please re s same say shall she should so some such t tell than that the their them
then there these they thing things this those through to too under until up upon
us use used using ve very want was way we well were what when where whether which
while who whom whose why will with within without would you your yours
"""
# German
_GERMAN = """
aber als am an auch auf aus bei bin bis das dass dem den der des die dies doch
durch ein eine einem einen einer eines er es für gibt hat hatte ich ihr im in ist
kann kein keine man mein mit nach nicht noch nun nur oder sein seine sich sie sind
soll so um und uns unter vom von vor war waren warum was welche welcher welches wem
wen wenn wer werden wie wieso wir wird wo worden wurde wurden über zu zum zur
"""
# French, Spanish, Italian, Portuguese
_ROMANCE = """
au aux avec ce ces cette comment dans de du elle en est et eu il ils je la le les
leur lui mais ne nous ont ou où par pas pour pourquoi qu que quel quelle quels qui
quoi sa se ses son sont sur un une vous
al como con cual cuál cuándo cómo del dónde el ella ellos eso esta este está fue
ha hay lo los las más mi muy o para pero por qué quién ser si sin sobre su sus y
che chi come cosa da dei della di dove è gli ho i nel non per perché più quale
quando sono una a ao as com da das do dos e em foi mas na nas não no nos os para
pela pelo qual quem são também um uma
"""
# Russian
_RUSSIAN = """
а бы был была были было в во вы где для до его ее если есть еще же за и из или им
их к как какая какие какой когда кто ли мне мы на не но о об он она они от по
почему при с со так там то у что чтобы это я
"""
# Chinese (pairs of characters, as `lexical.segment` splits), Japanese
_EAST_ASIAN = """
什麼 什么 甚麼 是什 麼是 么是 為什 为什 如何 怎麼 怎么 怎樣 怎样 哪些 哪裡 哪里 哪個
哪个 誰是 谁是 是誰 是谁 多少 幾個 几个 何時 何时 有哪 可以 是否 請問 请问 的是 是的
我們 我们 你們 你们 這個 这个 那個 那个 以及 何ですか です ます どう して たの とは
"""

STOP_WORDS = frozenset(
    f"{_ENGLISH} {_GERMAN} {_ROMANCE} {_RUSSIAN} {_EAST_ASIAN}".split()
)
"""Stop words in the form in which `lexical.segment` returns words."""
