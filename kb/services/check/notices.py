"""The notice in every check's result, in both languages."""

NOTICE = {
    "en": (
        "A check sees only what it has guards and precedents for. No finding and no precedent does not mean "
        "that a draft is safe: have a person read it."
    ),
    "he": (
        "הבדיקה רואה רק את מה שיש לה כללים ותקדימים לגביו. אם לא נמצא דבר ואין תקדים, "
        "זה לא אומר שהטיוטה בטוחה: כדאי שגם אדם יקרא אותה."
    ),
}
