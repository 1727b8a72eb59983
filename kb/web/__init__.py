"""What the API and the pages share: who asks, the reader's languages, the guard at the door, errors.

Nothing here renders an answer: JSON is made in `kb.api`, HTML in `kb.pages`.
"""
