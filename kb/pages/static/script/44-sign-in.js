// A draft that was begun outlasts signing in: the tab keeps it while one signs in, and no longer.
const draftBox = document.querySelector("textarea#text, textarea#draft");
const BEGUN = "begun-draft";
if (!document.querySelector("form[action^='/sign-in']")) {
  const begun = sessionStorage.getItem(BEGUN);
  sessionStorage.removeItem(BEGUN);
  if (begun && draftBox && !draftBox.value) {
    draftBox.value = begun;
    draftBox.dispatchEvent(new Event("input"));
  }
}
for (const link of draftBox ? document.querySelectorAll("a[href^='/sign-in']") : []) {
  link.addEventListener("click", () => { if (draftBox.value) sessionStorage.setItem(BEGUN, draftBox.value); });
}
