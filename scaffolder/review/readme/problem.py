"""Who has the problem that a project solves, as its README says it.

Invariant: a sentence counts by the words that it holds, so what is found is a place to look at and
no proof; a heading alone says nothing, nor does a gap that its author has still to fill.
"""

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from itertools import islice

from scaffolder.review.readme.markdown import Document, Heading


@dataclass(frozen=True, slots=True)
class Sentence:
    """A sentence of running text and the line on which it begins."""

    text: str
    line: int


@dataclass(frozen=True)
class Problem:
    """Sentences that say what is hard, and those that name who has it; `described` is any text."""

    pains: tuple[Sentence, ...]
    people: tuple[Sentence, ...]
    described: tuple[Sentence, ...]


MAX_LINES = 300
"""Lines of running text of one part that are read for it: it stands at the beginning or nowhere."""

GAP = re.compile(
    r"(?:^|[>*_:(|]\s?)to (?:write|do)\b\s?[:,*]|\bTODO\b|\bTBD\b|\bFIXME\b|lorem ipsum"
    r"|\bcoming soon\b"
    r"|<(?:your|insert|project)[\w -]{2,40}>|\[(?:your|insert|describe"
    r"|add)\b[^\]\[()]{2,60}\](?!\()"
    r"|\b(?:pendiente de escribir|por escribir)\b|待补充|待完善",
    re.I,
)
"""A place that somebody has still to fill."""

_PROBLEM = re.compile(
    r"\b(?:problems?|motivation|pain points?|challenges?|the need|problema|motivaci[oó]n"
    r"|motiva[cç][aã]o"
    r"|problemstellung|motivazione|probl[eè]me|проблема|vấn đề)\b"
    r"|问题(?!解|排|答)|痛点|背景|动机|課題|문제"
    r"|^why(?: (?:this|it|i|we)\b|\?|$)|\bwhy (?:this|it) (?:project|exists|matters)\b",
    re.I,
)
_WHY = re.compile(
    r"^why\b|\bbackground\b|\buse[ -]cases?\b|\bwho (?:is|it)\b|\bmotivation\b|^(?:para"
    r"|por) qu[eéi]|^warum\b"
    r"|^pourquoi\b|\bhintergrund\b|\bcaso de uso\b|\bthe story\b|为什么|なぜ|왜|使用场景",
    re.I,
)
_NOT_PROBLEM = re.compile(
    r"\bknown\b|shoot|\bcommon\b|\bissues?\b|frequently|\bfaq\b|\bopen\b|\bsolved\b|\bfaced\b"
    r"|lessons|learn"
    r"|encountered|overcome|常见|\bduring\b|\brun into\b|technical challenges",
    re.I,
)
_INTRO_ENDS = re.compile(
    r"install|set ?up|getting started|get started|quick ?start|usage|how to|requirement"
    r"|prerequisite|depend|stack"
    r"|technolog|architecture|structure|layout|evaluation|result|deploy|contribut|licen[cs]e|config"
    r"|\brun(?:ning)?\b"
    r"|develop|command|how it|limitation|fail|instala|requisito"
    r"|安装|快速|使用方法|架构|部署|设置|\btest"
    r"|sponsor|\bsupport(?:ing)?\b|donat|communit|acknowledg|citation|data|feature|roadmap",
    re.I,
)
_PAIN = re.compile(
    r"\b(?=[a-z]{2}|a problem)"
    r"(?:struggl\w+|(?:hard|difficult|tricky|impossible|not easy|hopeless) to\b"
    r"|difficult(?:y|ies)\b"
    r"|tedious\b|overwhelm\w+|by hand\b|manual(?:ly)? (?!install|setup|start|run|trigger"
    r"|step)\w+"
    r"|wast(?:e|es|ed|ing)\b|(?:take|takes|spend|spends|spent|spending|waits?|waiting|lose"
    r"|loses|lost|cost|costs)\s(?:\S+\s){0,6}?"
    r"(?:minutes?|hours?|days?|weeks?|months?|evenings?|money|time|effort|afternoons?)\b"
    r"|error[- ]prone\b|pain(?:s|ful|point)?\b"
    r"|frustrat\w+|(?:cannot|can't|can not|unable to|fail to|never|don't know"
    r"|do not know)\s(?:\S+\s)?"
    r"(?:find|know|read|tell|search|see|keep|track|afford|trust|access|understand|where|which|how"
    r"|what)\b|buried\b"
    r"|(?:is|are|be|become|spread|scattered|distributed|fragmented"
    r"|hidden)\s(?:\S+\s){0,2}?(?:across|between|among|over many)\b"
    r"|scattered\b|fragmented\b|lack(?:s|ing)?\b(?! of\s+time to)|suffer\w*|expensive\b"
    r"|(?:be|is|are|become|becomes|find|finds|remains?) (?:\w+ )?challenging\b"
    r"|bottleneck|no (?:easy|quick|simple|good|reliable) way\b"
    r"|confus(?:ing|ed|ion)\b|too (?:long|slow|many|much|costly|late|big|hard)\b|(?:slow"
    r"|costly|cumbersome|unreliable|inconsistent|outdated|repetitive)\b"
    r"|miss(?:es|ing|ed)? (?:out|deadlines?|important|critical|the)\b|drown\w*|get lost\b"
    r"|hunting\b|dig(?:ging)? through\b"
    r"|(?:the|a|this|real|core|main|common|our|their) problem\b|problem (?:is|was|that|of"
    r"|with)\b|challenge (?:is|of)\b|pain points?\b"
    r"|re-?reads?\b|skim\w*|flood(?:s|ed)?\b|guesswork\b|nobody (?:knows|reads|has)\b"
    r"|falls? (?:short|behind)\b|risk of\b|forget\w*"
    r"|(?:ask|asks|asked|answer|answers|answering|asking|repeat"
    r"|repeats)\s(?:\S+\s){0,2}?the same\b|(?:keep|keeps|kept) (?:asking|losing|searching"
    r"|looking|having|coming)\b)|time[- ]consuming",
    re.I,
)
_PAIN_BELOW = re.compile(
    r"\bcompl(?:ex|icated)\b|\blimited\b|\bwithout\b|\bdelay\w*|\berrors?\b|\brisk\w*|\bmistakes?\b"
    r"|\binefficien\w+|\bunstructured\b"
    r"|\bbarriers?\b|\bissues?\b|\bproblems?\b|\bchalleng\w+|\bincreas\w+|\bdifficult\b|\bhard\b"
    r"|\bunclear\b|\bnot (?:enough|always|available)\b",
    re.I,
)
"""What hurts below a heading that announces it, and says little elsewhere."""
_PAIN_ELSEWHERE = re.compile(
    r"\b(?=\w)(?:dif[ií]cil(?:es)?\b|pierde\w*|tardan?\b|cuesta\w*|manualmente\b|no (?:encuentra"
    r"|sabe|existe|hay)\w*|costos[oa]\b"
    r"|demorad[oa]\b|perdem\b|complicad[oa]s?\b|tedios[oa]\b|schwierig\b|schwer zu\b"
    r"|zeitaufw\w+|mühsam\w*|verlieren\b"
    r"|unübersichtlich\w*|disperso?s?\b|dispersa?s?\b|necesitan?\b|precisam\b"
    r"|brauchen\b|khó\b|comple[jx][oa]s? para\b"
    r")|困难|很难|难找|耗时|难以|费时|繁琐|低效|浪费|成本高|不便|痛点|过时|需要|局限|偏见|大変|時間がか|難し|困難|어렵|시간이|힘들",
    re.I,
)
_WANT = re.compile(
    r"\b(?:need(?:s|ed|ing)?|want(?:s|ed)?|ha(?:ve|s|d) to|must|require[sd]?|ask(?:s|ed)?"
    r"|forget\w*|often|every (?:day|week|month|time))\b",
    re.I,
)
_WHO = (
    "analysts?|engineers?|developers?|programmers?|students?|pupils?|patients?|doctors?|physicians?"
    "|clinicians?|nurses?"
    "|caregivers?|teachers?|lecturers?|professors?|tutors?|researchers?|scientists?|scholars?"
    "|academics?|teams?|employees?"
    "|staff|workers?|colleagues?|customers?|clients?|consumers?|shoppers?|buyers?|residents?"
    "|visitors?|citizens?|tenants?"
    "|landlords?|travell?ers?|tourists?|hikers?|managers?|executives?|recruiters?|candidates?"
    "|applicants?|job[- ]seekers?"
    "|lawyers?|attorneys?|paralegals?|journalists?|writers?|editors?|reporters?|agents who"
    "|support agents?|operators?"
    "|technicians?|mechanics?|compan(?:y|ies)|business(?:es)?|organi[sz]ations?|firms?|start-?ups?"
    "|investors?|traders?"
    "|accountants?|auditors?|bookkeepers?|farmers?|gardeners?|parents?|famil(?:y|ies)|beginners?"
    "|learners?|newcomers?"
    "|new hires?|individuals?|professionals?|practitioners?|specialists?|experts?|owners?"
    "|freelancers?|librarians?"
    "|pharmacists?|dentists?|vets?|expats?|immigrants?|migrants?|refugees?|drivers?|commuters?"
    "|gamers?|players?|cooks?|chefs?"
    "|athletes?|runners?|cyclists?|volunteers?|officers?|officials|administrators?|admins?"
    "|maintainers?|contributors?"
    "|reviewers?|readers?|people|persons?|everyone|anyone|those who|seniors?|elderly|children|kids"
    "|voters?|policy ?makers?"
    "|designers?|marketers?|sellers?|merchants?|vendors?|retailers?|suppliers?|electricians?"
    "|plumbers?|inspectors?|dispatchers?"
    "|departments?|offices?|households?|pet owners?|members?|users?|dispatch|help ?desk|newsroom"
    "|council"
)
_NEEDS = re.compile(
    rf"\b(?=[a-z]{{2}})(?:{_WHO})\s(?:\w+\s){{0,2}}?(?:need|want|have to|must|struggle|often)\b",
    re.I,
)
_PEOPLE = re.compile(rf"\b(?=[a-z]{{2}})(?:{_WHO})\b", re.I)
_FOR = re.compile(
    r"\b(?:for|help(?:s|ing)?|enabl(?:e|es|ing)|empowers?|allows?|lets?|assists?|supports?|serves?"
    r"|used by|aimed at|gives?)"
    rf"\s(?:[\w,'-]+\s){{0,5}}?(?:{_WHO})\b",
    re.I,
)
_VAGUE = re.compile(r"\busers?\b|\bpeople\b|\b(?:an|user)?one\b|\bpersons?\b", re.I)
_FIRST = re.compile(
    r"\b(?:I|we)\s(?:\w+\s)?(?:spen[dt]|struggle\w*|los[et]|ke(?:ep|pt)|waste\w*|need\w*|could not"
    r"|couldn't|had to|have to|cannot|can't|forget|forgot)\b"
    r"|\bmy (?:\w+\s)?(?:team|company|office|family|colleagues?|department|employer|desk|clinic"
    r"|school|thesis|flat|job)\b"
)
_PEOPLE_ELSEWHERE = re.compile(
    r"\b(?:estudiantes?|empleados|trabajador[ae]s|clientes|pacientes|ciudadan[oa]s?|profesionales"
    r"|personas|usuarios?|empresas|equipos|vecin[oa]s"
    r"|alumn[oa]s|estudantes|funcion[aá]rios|usu[aá]rios?|pessoas|cidad[aã]os|m[eé]dicos|abogados"
    r"|studierende|mitarbeiter\w*|kunden|nutzer\w*"
    r"|bürger\w*|menschen|unternehmen|étudiants|entreprises|sinh viên|người dùng)\b"
    r"|学生|用户|员工|研究人员|患者|开发者|工程师|客户|企业|个人|组织|团队|老师|教师|医生|律师|ユーザー|学生|研究者|個人|組織|사용자|학생|개인|조직|연구자",
    re.I,
)
_LABEL = re.compile(
    r"(?:^|\s)(?:For|Who has (?:it|this|the problem)|Who (?:it|this) is for|Who is (?:it|this) for"
    r"|Users?|Audience|Target (?:users?|audience)|Made for|Für|Para|Pour)\s?:\s?(?:\S+\s){2}\S"
)
"""Words at the head of a line that announce who has the problem, and at least three behind."""
_ORDERS = re.compile(
    r"^(?:\d\. )?(?:create|add|set|copy|install|run|execute|clone|download|activate|rename|export"
    r"|start|open|launch)\b.{0,300}:$",
    re.I,
)
"""A step of the installation, before the lines that it speaks of."""
_SENTENCE = re.compile(r"(?<=[.!?])\s+(?=[A-Z\"'“¿¡(])|(?<=[。\uff01\uff1f])")


def read(document: Document) -> Problem:
    """What the sections on the problem and the introduction say of it."""
    pains: list[Sentence] = []
    people: list[Sentence] = []
    intro = list(_intro(document))
    for inside, sure in [(intro, False), *_about(document)]:
        hurt = [s for s in inside if _hurts(s.text, sure)]
        pains += hurt
        people += [s for s in inside if _LABEL.search(s.text)]
        if hurt:
            people += [s for s in inside if _names(s.text, sure or s in hurt)]
            people += [s for s in intro if _is_for(s.text)]
    told = (s for s in (*intro, *sentences(document)) if not _ORDERS.search(s.text))
    described = [s for s in told if len(s.text.encode()) > 30]
    return Problem(_unique(pains), _unique(people), _unique(described))


def sentences(document: Document, start: int = 1, end: int | None = None) -> Iterator[Sentence]:
    """The sentences between two lines; a line with a gap to fill ends one and is left out."""
    held: list[tuple[int, str]] = []
    last = 0
    for number, text in islice(document.prose(start, end), MAX_LINES):
        if GAP.search(text):
            yield from _cut(held)
            held, last = [], -1
        elif last == -1 and document.shown[number - 1].lstrip().startswith(">"):
            continue
        else:
            starts = number != last + 1 or document.shown[number - 1].lstrip()[:2] in _ITEMS
            if starts:
                yield from _cut(held)
                held = []
            held.append((number, text))
            last = number
    yield from _cut(held)


_ITEMS = {"- ", "* ", "+ ", "1.", "2.", "3.", "4.", "5.", "6.", "7.", "8.", "9."}


def _cut(held: Sequence[tuple[int, str]]) -> Iterator[Sentence]:
    if not held:
        return
    text = " ".join(t for _, t in held)[:4000]
    offset = 0
    for part in _SENTENCE.split(text):
        length = 0
        line = held[-1][0]
        for number, piece in held:
            length += len(piece) + 1
            if offset < length:
                line = number
                break
        offset += len(part) + 1
        if part.strip():
            yield Sentence(part.strip(), line)


def _intro(document: Document) -> Iterator[Sentence]:
    """What stands before the first heading on installation, use or make."""
    ends = (h.line for h in document.headings[1:] if _INTRO_ENDS.search(h.text))
    yield from sentences(document, 1, min(ends, default=None))


def _about(document: Document) -> list[tuple[list[Sentence], bool]]:
    return [
        (list(sentences(document, part.start, part.end)), bool(_PROBLEM.search(heading.text)))
        for heading in list(filter(_is_about, document.headings))[:20]
        for part in [document.section(heading)]
        if heading.level > 1 or len(document.headings) == 1
    ]


def _is_about(heading: Heading) -> bool:
    wanted = _PROBLEM.search(heading.text) or _WHY.search(heading.text)
    return bool(wanted) and not _NOT_PROBLEM.search(heading.text) and len(heading.text) < 90


def _hurts(text: str, sure: bool) -> bool:
    """Whether a sentence says that something is hard; `sure` below a heading that announces it."""
    if _PAIN.search(text) or _PAIN_ELSEWHERE.search(text) or _NEEDS.search(text):
        return True
    return sure and bool(_PAIN_BELOW.search(text) or (_PEOPLE.search(text) and _WANT.search(text)))


def _names(text: str, hurts: bool) -> bool:
    """Whether a kind of user is named; a vague word or the author counts beside what hurts."""
    if hurts:
        return bool(_PEOPLE.search(text) or _FIRST.search(text) or _PEOPLE_ELSEWHERE.search(text))
    return _is_for(text)


def _is_for(text: str) -> bool:
    """Whether a sentence says for whom the project is."""
    return bool(_FOR.search(_VAGUE.sub(" ", text)) or _PEOPLE_ELSEWHERE.search(text))


def _unique(found: Sequence[Sentence]) -> tuple[Sentence, ...]:
    return tuple(dict.fromkeys(found))
