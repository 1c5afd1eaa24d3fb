// Times in the reader's own zone.

const long = new Intl.DateTimeFormat("en-GB", { dateStyle: "long", timeStyle: "short" });
const short = new Intl.DateTimeFormat("en-GB", { day: "numeric", month: "short", hour: "2-digit", minute: "2-digit" });

export function tellTimes(root) {
  for (const time of root.querySelectorAll("time[data-moment]")) {
    const format = time.dataset.moment === "short" ? short : long;
    time.textContent = format.format(new Date(time.dateTime)).replace(" at ", ", ");
  }
}
