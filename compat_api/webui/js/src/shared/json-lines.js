// Yield the JSON object in each line of a streamed response.
export async function* readJSONLines(response) {
  const reader = response.body.pipeThrough(new TextDecoderStream()).getReader();
  let incomplete = "";
  for (;;) {
    const { value, done } = await reader.read();
    if (done) break;
    const lines = (incomplete + value).split("\n");
    incomplete = lines.pop();
    for (const line of lines) if (line) yield JSON.parse(line);
  }
  if (incomplete) yield JSON.parse(incomplete);
}
