"""Names that the word lists lack, or that are one edit from a far more frequent word: Mattel, matter."""

from __future__ import annotations

NAMES = """
    Allbirds Arkia Asda Asos Axios BASF Belvita Bershka Bezeq Bulgari Calcalist Cellcom Cinnabon Deezer
    Dutti Ellesse Entenmann's Fanta Fattal Fila Foodora Getir Glovo Gopuff Hapoalim Hatzi Hinam Isracard
    Israir Keshet Kfar Kmart Mako Manscaped Mattel Mentos Metropoline Miele Milka Missguided Monoprix
    Oatly Olay Osem Otrivin Pampers Pelephone Persil Petah Plein Primark Rayban Renuar Reshet Revolut
    Sano Shein Shufersal Sonos Speedo Ssense Stabilo Substack Swatch Taboola Tampax Tefahot Telma Temu
    Thinx Tivtaam Tnuva Twix Veet Viber Vimeo Walla Warby Whiskas Wissotzky Ynet Yochananof Zomato

    Barzilai Ben-Gvir Dror Cardi Deri Kahlon Kirel Lapid Lochte Meloni Milei Orbán Peres Rabin Sanna Smotrich
    Sunak Zelenskyy Zelensky

    Odesa Zaporizhzhia

    טיבטעם ריבוק פייבוקס תןביס יאנגו פייבר צאקרברג באלנסיאגה ביסלי מילקי מנטוס ראיינאייר וויזאייר
    אינפלואנסר
"""
"""Brands, people and places."""
