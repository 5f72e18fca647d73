// The messages of a conversation that the language model receives with the next question.
const MAX_MESSAGES = 120;
const MAX_LENGTH = 30000;

// If a question was answered in two modes, the answer that the user liked is sent, otherwise
// the first. Questions without an answer are left out.
export function messages(turns) {
  return turns
    .flatMap(({ question, answers }) => {
      const answer =
        answers.find(({ verdict, text }) => verdict === "good" && text) ??
        answers.find(({ text, error }) => text && !error);
      if (!answer) return [];
      return [
        { role: "user", content: question },
        { role: "assistant", content: answer.text.slice(0, MAX_LENGTH) },
      ];
    })
    .slice(-MAX_MESSAGES);
}
