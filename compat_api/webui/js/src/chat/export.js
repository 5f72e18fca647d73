// A conversation of the browser as Markdown or JSON, in the form of the server's exports.
export function conversationAsJSON(conversation) {
  const turns = conversation.turns.map(({ question, answers }) => ({
    question,
    answers: answers.map(exported),
  }));
  return `${JSON.stringify({ title: conversation.title, turns }, null, 2)}\n`;
}

export function conversationAsMarkdown({ title, turns }) {
  const lines = [`# ${title}`, ""];
  for (const { question, answers } of turns) {
    lines.push(`## ${question}`, "");
    for (const answer of answers) {
      if (answers.length > 1) lines.push(`### ${answer.mode}`, "");
      lines.push(answerAsMarkdown(answer), "");
    }
  }
  return lines.join("\n");
}

// Return the text of an answer with the names of its sources.
export function answerAsMarkdown(answer) {
  const { text, sources } = exported(answer);
  const names = sources.map(({ id, name }) => `[${id}] ${name}  `);
  return [text, ...(names.length ? ["", ...names] : [])].join("\n");
}

const exported = ({ mode, text, references }) => ({
  mode,
  text: text || "",
  sources: (references ?? []).map(({ id, name }) => ({ id, name })),
});
