"""Open invitations are found in both languages, in every form of address; requests of other kinds are not."""

from __future__ import annotations

from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from kb.domain.draft import Draft
from kb.guards.analysis import AnalyzedDraft
from kb.guards.errors import GuardError
from kb.guards.parameters import Parameters
from kb.guards.types.open_invitation import parse_open_invitation
from kb.search.concepts import ConceptTable

TABLE = ConceptTable.of({"weapons": {"phrases": {"en": ["drone", "missile"], "he": ["רחפן"]}}})

INVITATIONS = """
Describe us in 3 words
Sum up our new ferry in one word
תשלימו: כשאני מתקשרת לשירות הלקוחות שלכם אני ____
איך קוראים לרכבת החדשה?
Unpopular food opinions, let's hear them. Ours: brunch is late breakfast
Potholes fixed, hedges trimmed. How are we doing, Larchford? Tell us below
Give the ref, the pies and the new striker a score out of ten in the replies
Everyone who writes where our food caught them at their worst wins a dinner
In one word, our town is...
במילה אחת, העיר שלנו היא...
איך הייתה הטיסה האחרונה שלכם איתנו? ספרו לנו בתגובות
הדייל שלנו קופא במקום. תעשו לו מם
מי היה האכזבה השבוע? המיקרופון אצלכם, אוהדים
כל מי שכותב איפה המסעדה שלנו תפסה אותו ברגע הכי רומנטי נכנס להגרלה
אוצרת לרגע: איזה פריט מהאוסף הייתם מוציאים מהמחסן? נשמח לקרוא
שולחים פה מה שמעניין אתכם על ההמתנה, והיא עונה בסרטון
What's the kindest thing one of our tellers has ever said to you? Tell us in the comments, flowers for each
מה הדבר הכי מרגש שפקיד בבנק אי פעם אמר לכם? ספרו לנו בתגובות, ועל כל סיפור נשלח לסניף זר
מה הדבר הכי יפה שמורה עשה בשבילכם? כתבו לנו בתגובות
Describe our delivery using only emojis
Grade our service from A to F, and be brutal
Your parcel of the year? We're reading the whole lot out at the party
תארו את המשלוח שלכם רק באימוג'ים
תנו לנו ציון, ותהיו אכזריים
Do you have an amazing photo of one of our products? Tag us and we may feature it on #WorldPhotoDay!
Do you have a photo w/ a member of the NYPD? Tweet us & tag it #myNYPD. It may be featured on our Facebook.
Got a question for our vice chairman? Tweet it with #AskJPM
Post your best picture, tag us, and we may feature it for #WorldPhotographyDay
Got a picture of our drones at work near you? Share it with the tag #SkyGuardians
Oil makes the world go round. Tell us your story about our tankers with #FueledByUs
Finish the sentence: I shop at Waitrose because ____ #WaitroseReasons
Tell us what you think of our bank! #MyBank
Share your favorite Cosby memory with #cosbymeme
Meme me! Upload your funniest meme and win a phone
Use #McDStories to share your favorite moments with us
We'd love to hear your stories about flying with us. Use #FlyHigh
Show us how you celebrate with our beer and win a year's supply
Tweet your questions using #AskBritishGas
Ask our CEO anything, live on Thursday at 3
Help us name our new research ship!
Suggest a name for our new polar research vessel and vote for your favorite
Caption this!
What should we call our new mascot? Best answer wins
What does our company mean to you? #OurCompany
What's your favorite memory of our airline? #FlyWithUs
Submit your slogan and win $500
Enter our photo contest: best picture of our tanks wins
Describe our mine in three words. #MiningMatters
Snap a selfie with our new cigarette pack, tag @smokeco and win
Tag us in your holiday look for a chance to win a gift card.
Vote for our next flavor! #PickAFlavor
Send us a photo of your burger and get featured
Share your pharma story using #MyMeds
We want to see your Monday faces! Use #MondayFace
What would you ask our founder? #AskTheFounder
Questions? #AskExxon
We are here for you today #ask_our_pilots
Reply with your best joke about our rivals, funniest wins
Tell us why you love our police force. #OurPolice
Your photo could win! Upload it with #SnapIt
Fill in the blank: ___ makes my day. #MakesMyDay
Share how our loans changed your life with #LoanLove
Have you flown in our jets? Post a photo and tag @jetco
Any pictures of our trucks on the road? Send them our way, best one wins a cap
Let us know what you think about our new logo with #NewLogo
Got a great story about our hospital? We want to hear it! #HospitalStories
Share your story. Share your photos. #OurCity
Drop your funniest nurse story below, winner gets a gift card
הציעו שם לאונייה החדשה שלנו
עזרו לנו לבחור שם לגור הפנדה
צילמתם את הרחפנים החמושים שלנו? שלחו לנו תמונה ותייגו אותנו לכבוד יום הצילום הבינלאומי
ספרו לנו מה אתם חושבים על הבנק שלנו בהאשטאג #הבנק_שלי
שתפו אותנו בחוויה שלכם עם המשטרה #המשטרה_שלי
מה השאלה שלכם למנכ"ל? #שאל_את_המנכל
אנחנו כאן בשבילכם #שאלו_את_הבנק
שלחי לנו סלפי עם המוצר ותזכי בפרס
ספר/י לנו על הרגע הכי מרגש שלך אצלנו #רגע_שלנו
שלח/י תמונה ותייג/י את @thebank
תייגו אותנו בתמונות שלכם ואולי תזכו בשובר
העלו תמונה עם הבירה שלנו וכתבו #לחיים
שתפו סיפור אישי על חברת החשמל עם #חשמל_בבית
כתבו לנו למה אתם אוהבים את הרכבת, התגובה הזוכה תקבל כרטיס חופשי
מחכים לתמונות שלכם! #חופש_גדול
נשמח לראות את התמונות שלכם מהטיסה. תייגו אותנו @airline
איך נקרא לקמע החדש שלנו? הכי מקורי יזכה
תשאלו אותנו הכול! שידור חי עם הנשיא, #שאלו_את_הנשיא
תחרות צילום: התמונה היפה ביותר של הטנקים שלנו תזכה בפרס
השלימו את המשפט: אני אוהב את הבנק כי ___ #הבנק_שלי
תגידו לנו מה אתם חושבים על כתב האישום #צדק
תראו לנו איך אתם חוגגים עם הוויסקי שלנו, #חוגגים
יש לכם תמונה עם שוטר? שלחו אותה אלינו עם #השוטר_שלי
שתפו.י תמונה מהמסע ותייגו.י אותנו
הצביעו לטעם הבא שלנו #הטעם_הבא
מה הזיכרון הכי מתוק שלכם מהמפעל? #זיכרון_מתוק
תנו כותרת לתמונה! הכותרת הזוכה תקבל פרס
ספרי לנו, איך היה הלידה שלך בבית החולים? #לידה
צלמו את עצמכם ליד המפעל, העלו לסטורי ותייגו אותנו
What's the best thing about our bank? Tell the world with #BestBank
We're looking for your wildest hangover stories. Best one gets a crate of beer
Hey fans! Show off your tattoos of our logo and win
Your turn: how has our airline made you smile? Share below using #SmileHigh
Calling all customers! Post a video of yourself using our fracking app, tag @frackco
Give our new chatbot something to learn: tweet it anything! #TeachTay
Send in your baby pictures for a chance to be on our packaging
Ask us anything about our diet pills. #AskSlim
Come up with a slogan for our new missile. Winner gets a tour
Write your own caption for this photo. Best caption wins!
Tweet #WhyILoveOil and tell us your reasons
RT with your favorite war movie quote and use #WarWeek to win
Retweet with your name and we'll put it on a jersey
Who is your hero? Tell us who and why. #HeroesOfOil
Tell us: what would you do with one last day? #OneLastDay
Take a picture of your plate and tag us!
Nominate your favorite officer with #CopLove
Share a memory of grandma with #ForGrandma and win a cake
What's your first memory of smoking? Share it with #FirstPuff
We want your stories! Use hashtag #MyHospital
Photos wanted! Send yours to us and see it on our wall
Pick a name for our new robot: comment below #NameTheRobot
Post your score, screenshot it and tag #BankQuiz
רוצים להופיע אצלנו בעמוד? שלחו תמונה
בואו נשמע אתכם: מה אתם אוהבים במשטרה? כתבו עם #אוהבים_משטרה
המציאו סלוגן לטיל החדש שלנו, הזוכה יקבל סיור
שתפו אותנו: איך הבנק שינה לכם את החיים? #הבנק_שינה
צייצו לנו שאלות לנשיא עם #שאל_נשיא
תעלו סטורי עם הסיגריה החדשה ותייגו אותנו
כתבי לנו איך הקרם שינה לך את החיים ואולי תזכי
מי הגיבור שלכם? ספרו לנו למה #גיבור
העלו תמונת סלפי עם שוטר ותייגו את @mishtara
בחרו שם לתינוק הפיל החדש בספארי
ספר לנו על הפעם הראשונה שלך עם בירה #פעם_ראשונה
שתפו תמונה שלכם עם הרובה שלנו והשתמשו בהאשטאג #הרובה_שלי
איזה שם תתנו לגור החדש?
מה דעתכם על הבנק? ספרו לנו! #דעתכם
חפשו את הדמות, צלמו אותה ותייגו אותנו בסטורי
What do you think about our new oil rig? #NewRig
We are asking our fans: what do you love most about us? Use #LoveUs
Parents, share your kids' first words with our app using #FirstWords and win diapers
Share pics of your lockdown hair! #LockdownHair
Which celebrity would you most like to slap? Tell us below! #SlapList
I'm taking over @police today. Send me your questions!
Your stories matter. Submit yours with #TrueStories
Post pictures of how you use our pesticides. #GreenFields
Show us how you get drunk! #PartyHard
"Tell us about your abortion story" #women
Dress up as your favorite tribe, post a selfie and tag us to win
Tell us your most embarrassing period story #PeriodPride
Do you love our mine? Tell us why with #MineLove!
What would make you go vegan? Tell us, tag @meat
Share your experience of our service on Twitter: #GreatService
Email us your ghost stories and win
Did you grow up near our refinery? We'd love to hear from you! #Neighbors
Upload pics to our wall and win
Who should win? Vote now with #TeamA or #TeamB
Share a photo of your war hero; the most liked photo wins a TV
תעלו צילום מסך של הציון שלכם ותייגו אותנו
איך אתם מבלים בסגר? שתפו #סגר
שתפו בתגובות: מה הסיפור הכי מביך שלכם? הזוכה יקבל שובר
איזה סלב הייתם רוצים להרביץ לו? כתבו בתגובות #בוקס
לכבוד יום האישה, ספרי לנו מה את אוהבת בבישול ותזכי בסיר
תנו לצ'אטבוט שלנו ללמוד: כתבו לו הכול! #בוט
מה אתם חושבים על האסדה החדשה? #אסדה
בואו לספר לנו על הבנק #בנק
היום הנגיד עונה: שלחו שאלות עם #נגיד
מה השם שהייתם נותנים לטנק החדש? #טנק
שלחו סרטון ריקוד ליד התחנה, הסרטון הזוכה יקבל 1000 ש"ח
Snap your commute, tag it #RideWithRavel and win a month of free travel
Send in your best fishing shot and see yourself on our next cover
Our new ferry needs a name. You choose, most likes wins!
Text your message to 60606 and see it on the big screen live
Our COO takes your questions Thursday at noon. Use #AskHalden
On Thursday she answers anything you want to know about the bank. Tag it #AskBank
Life with our meter in three words. Go! #MeterLife
Reply with a GIF that describes your experience with our app #AppMood
Best dad joke in the comments gets a free pizza
Roast us! Worst thing about our airport, go. #RoastTheRunway
You write the caption, we print it on the cup. Funniest one wins
Caption our head chef's face when the truffles arrived.
Two truths and a lie about our fried chicken. You write them, we guess.
Confess your worst banking sin and win 500 euros #BankSins
How has our loan helped you? Comment below and win
איך נראה המקרר שלכם? צלמו ותייגו #מקרר_שלי
האונייה החדשה שלנו מחפשת שם! אתם בוחרים, הכי הרבה לייקים מנצח
המפכ"ל עונה על הכל, בשידור חי ביום חמישי
שלחו הודעה ל-5050 והיא תופיע על המסך הגדול באצטדיון
הבדיחה הכי מצחיקה בתגובות זוכה בפיצה
תנו לו שם! כתבו הצעה בתגובות, בלי סינון
אילו זיכרונות יש לכם מהבריכה העירונית? שלחו לנו תמונות ישנות ונציג אותן בלובי
What's the strangest thing you ever found in your hotel room? #LumenNights
Describe your Monday in three emojis #MondayMood
Bring us your toughest tax questions tonight #AskHarbour
You decide what we call the new tram line. Anything goes.
Wrong answers only: what is our CEO doing here? #GuessTheCEO
Finish the sentence: flying with us is like ... #FlyNordic
The public chooses our next mascot, and we will accept whatever wins.
We'll print every message on our cups. Say anything!
In one word, how do you feel about our trains? #OneWordRail
Caption this photo of our chairman #CaptionCarl
Your worst haircut ever? We want to hear it. #BadHairWeek
Got a question for our head of nutrition? Fire away #AskDoctorPell
Whatever you tweet will appear on the stadium screen tonight.
Sum up our new burger with one emoji #BurgerMoji
Why do you love our bank? Tell the world with #LoveMyBank
First words that come to mind when you see our logo? #FirstWords
במילה אחת: איך היה לכם אצלנו? #במילה_אחת
מה הכי מצחיק שקרה לכם ברכבת? #סיפורי_רכבת
תביאו את השאלות הקשות שלכם לשר התחבורה #שאלו_את_השר
אתם בוחרים את השם של הגשר החדש, בלי וטו.
השלימו: בלי הבנק שלי הייתי ... #הבנק_שלי
כל הודעה שתשלחו תוקרן על קיר הבניין הערב.
תארו את המורה שלכם באימוג'י אחד #המורה_שלי
הציבור יבחר את הקמע הבא של הקבוצה.
מה הדבר הכי מוזר שהזמנתם אצלנו? #הזמנה_מוזרה
רק תשובות שגויות: מה יש בקופסה? #מה_בקופסה
שאלו את המנכ"לית כל מה שבא לכם #שאלו_את_רות
תנו כיתוב לתמונה הזאת #תנו_כיתוב
כל ציוץ עם #אור_גדול יופיע על המסך באצטדיון.
למה אתם אוהבים לטוס איתנו? #טסים_איתנו
What's the worst excuse your mechanic ever gave you? Answers with #GarageTales
Fans pick the walk-out song for Saturday, no filters, no veto.
Sum up last night's show in five words #FiveWordReview
Ask our pilots anything you like today #PilotHour
Tell us what you really think of our new logo #LogoTalk
Every reply will be read out live on our morning show.
One emoji. Our coffee. Go. #CoffeeMoji
Your questions for the mayor, please #MayorMonday
Complete this: my landlord is ... #RentWithUs
Which of our flavors should never have existed? #FlavorFails
The internet will name our new ferry.
Photo of our founder, your caption #FounderFriday
Give us your hottest take on airline food #HotTakeMenu
How has our bank changed your life? #LifeWithAlder
Send in your voice message and we air it uncut at eight.
ספרו במשפט אחד למה בחרתם בנו #משפט_אחד
מה השטות הכי גדולה שעשיתם במטוס? #שטויות_באוויר
שלחו שאלות לראש העיר, הוא עונה הערב בלי סינון #שואלים_את_ראש_העיר
הגולשים יחליטו איך ייקרא הקו החדש.
איזה אימוג'י מתאים לקפה שלנו? #אימוג'י_קפה
כל תגובה שתכתבו תוקרא בשידור חי.
הביאו לנו את הבדיחות הכי גרועות שלכם #בדיחה_גרועה
סיימו את המשפט: הביטוח שלי הוא ... #הביטוח_שלי
מה אתם באמת חושבים על האפליקציה שלנו? #מדברים_גלוי
שלוש מילים על המורה הכי גרועה שהייתה לכם #שלוש_מילים
תציעו שם לגורילה החדשה בגן החיות
איך הבנק שלנו שינה לכם את החיים? #הבנק_ואני
התמונה שלנו, הכיתוב שלכם #הכיתוב_שלכם
תגידו לנו הכול על השירות שלנו #הכול_פתוח
הקהל קובע את שם השכונה החדשה, כל שם יתקבל.
Our baby giraffe needs a name! The most popular suggestion becomes official, no take-backs.
He's big, he's yellow and he has no name yet! Most liked comment wins. Our new snowplow awaits.
Tweet anything you like and we'll print it on tomorrow's cups, live.
You suggest, you vote, and whatever you choose goes on the side of the bus.
Write any message and we'll project it on the town hall tonight.
הגשר החדש מחכה לשם! מה אתם מציעים?
אתם מציעים, הקהל בוחר, ואנחנו משתפים
מה שתבחרו יעלה על הקיר של הסניף החדש
כתבו כל דבר שבא לכם ואנחנו נזלף על העוגה בשידור
הגור החדש בספארי מצטרף ללהקה. ההצעה הפופולרית ביותר תזכה, מבטיחים
Caption needed. Funniest one goes on our van.
In 50 words or less, tell us why you deserve free electricity
Retweet and we'll print your handle on our new jerseys!
Reply with your name and our bot will tweet you a personalized card
Turn your selfie into our ad: upload it and it goes up on the tower automatically
Name our snowplow! Submit a name by Friday, you vote, we paint it
Finish this sentence: "I fly with you because..."
Say something nice about our CEO with #DearBoss
Remix our jingle and post it with #JingleJam
ספרו למה אתם אוהבים את הבנק שלכם וזכו בטיסה
ספרו לנו ב-50 מילים למה מגיע לכם חשמל חינם
הגיבו לפוסט הזה והשם שלכם יופיע על החולצות
כתבו מסר והוא יוקרן על המגדל הערב
עצבו את הפחית הבאה שלנו, הציבור בוחר
תגידו משהו יפה על המנכ"ל שלנו עם #המנכלשלי
השלימו את המשפט: אני קונה אצלכם כי...
Text any message to the hotline during the game and see it light up above center ice.
""".strip().splitlines()

OTHER_POSTS = """
Drop by and ask us anything at the open day
Nurse Dalia answers any questions on Monday at ten
The new guide to recycling answers all your questions.
The set menu has no prices, no courses and no rules: eat until you stop.
You can ask her anything, she is at the counter until noon
No filter needed: the view from our roof this morning
Anything goes with these white sneakers
Comment by post until Friday. Every comment gets read.
ד"ר לביא עונה על כל השאלות בערב ההורים
המדריך לקומפוסט עונה על כל השאלות
טיפול אחד, ככה זה נראה, בלי עריכה
What's the first thing you pack? Ours is the neck pillow. Tell us yours below
Which color should we stock in medium next: sage or terracotta? Tell us below
Let's hear it for our nurses
In one word: soup
Everyone who writes to us by Friday gets a call back
What's your go-to picnic sandwich? Comment below 🥪
Who's your pick for Friday's film? Vote below!
The keepers have picked three names. Vote on our site until Sunday
Our guide describes every trail using only icons
Winners of the caption contest: thank you all!
We know why you love Rome. So do we. #rome
הזוכים בתחרות הכיתובים: תודה לכולם!
השיבו 1 לאישור התור.
Share this post with a friend who loves hiking. #hiking
Got a question about your bill? Call us on 0800 000 000, Monday to Friday. #help
Questions? Call us! #support
Ask your doctor before taking this medicine. #health
Tell a friend and both of you win a coffee! #friends
Send us your CV and join our team. #jobs
Tag along on our tour of the factory #tour
Show your ticket at the door and win a drink #gig
Send us a DM with your order number and we'll look into it @jane
Tag a friend who needs a holiday! #beach
We share your photos only with your consent. #privacy
Our customers send us their photos every day, and we love it. #thankyou
Don't share your password or your photos with strangers. #safety
How to share your photos safely with family. #tips
Upload your photos to your profile in one tap. #update
Share your photos with friends in the new app #app
Use #SAVE20 at checkout for 20% off
We asked 500 marketers a question. Their answers: #report
Photo by @dana
Our winner of the photo contest was announced on Sunday. Congratulations @dana!
Read the story of our founder #history
Watch the video and share it! #video
Please leave your name and number after the tone. #voicemail
Thanks for sharing, @dana!
Vote on Tuesday. Polls close at 8. #Election
Don't forget to vote! #GoVote
He told us what happened. #news
Our story starts in 1904. #heritage
Contact us with your booking reference @airlinehelp
We can't wait to see you at the show! #Expo
Send your invoice to billing@example.com #finance
Leave your pictures at home: no cameras. #museum
Name a better duo. We'll wait. #duo
Win two tickets to the match: sign up for our newsletter. #match
Rate our app in the store! #app
Show us some love! #love
Follow us and win
מאות לקוחות שלחו לנו תמונות השבוע, תודה! #תודה
שתפו את הפוסט עם חברים #שיתוף
תייגו חבר שאוהב פיצה #פיצה
יש לכם שאלה לגבי החשבון? התקשרו אלינו #שירות
שלחו לנו קורות חיים #דרושים
שלחו לנו הודעה פרטית עם מספר ההזמנה @shop
ספרו לחבר והרוויחו שובר #חברים
הלקוחות שלנו ספרו לנו שהקפה מצוין #קפה
שאלו את הרופא שלכם לפני השימוש #בריאות
הציגו את הכרטיס בכניסה ותיהנו ממתנה #הופעה
צילום ליום הולדת? הסטודיו שלנו פתוח גם בשישי. #סטודיו
המצביעים הצביעו לנבחרת השנה #ספורט
התלמידים כתבו סיפורים יפים #בית_ספר
תודה לכל מי ששלחו תמונות! #תודה
אל תשלחו תמונות של כרטיס האשראי #בטיחות
ספר חדש של @author בחנויות
הילדים צילמו תמונות בחצר #גן
השאירו פרטים ונחזור אליכם #מבצע
Send your questions to press@example.com #press
Tell your friends about our sale! #sale
See your photos in a new light with our lamp. #lamp
Enter your email and win a prize
Our readers share their stories in the new book #books
In her new book she shares a story of hope #books
Add a photo to your listing to sell faster. #sellers
We answer your questions live tonight at 8. #live
We want to hear if something went wrong: call us. @help
Take a picture with Santa on Saturday at the mall, free. #Christmas
Post office closed on Monday. #holiday
Got an idea for a better commute? Join our board meeting. #transit
Ask about our lunch menu @cafe
Want to know what you save? Use our calculator #solar
Let us know if you need a table for more than six. @bistro
Tell us your shoe size at checkout and we ship within a day. #shoes
Write your will online in 20 minutes. #legal
The best stories are told around a fire. #camping
Name your price! Bids open until Sunday. #auction
Send us your old phone and get a voucher
Show your student card and get a free drink. #students
Share the road: look out for cyclists. #safety
Share this photo of our new store! #opening
Leave a review on Google and get 5% off. #reviews
Drop by on Thursday, and bring your ideas for dinner! #market
Text WIN to 12345
Tell us the code at the counter and get a gift
Snap up your favorite shoes at half price #sale
Shop your favorite looks now #fashion
Pick your favorite color and order by Friday #sofa
Take a shot at our new menu @bar
Add your name to the waiting list #launch
Give your hair the look it deserves #hair
ספרו לילדים סיפור לפני השינה #ספרים
הציגו את התמונה בקופה וקבלו מתנה
העלו את הווליום! #מוזיקה
כתבו את שמכם בטופס ותקבלו שובר
תנו לילדים רעיון לקינוח מהספר החדש #ספרים
שלחו מתנה לחברה #חגים
הצטרפו אלינו לערב סיפורים ביום שני #ספרייה
הצעה מיוחדת לסוף השבוע #מבצע
יש לכם רעיון? הצטרפו לצוות שלנו #דרושים
צלמו פחות, תחיו יותר. מצלמות חדשות בחנות #צילום
בחרו את הטעם שלכם והזמינו עכשיו #גלידה
We shared your feedback with the team. #thanks
Your photos are safe with our new cloud. #cloud
New: share your location with one tap. #app
Our nurses tell their stories in a new film. #nurses
Read what our customers tell us. #reviews
Send flowers to your mother. #MothersDay
Send a friend a coffee and get one free. #coffee
Add a caption to your videos with the new editor. #editor
Post your job in five minutes. #hiring
The answer to your question is 42. #books
What's your budget? Our planner helps. #money
What's your plan for the weekend? Ours: pizza. #pizza
Save your receipts and win back time with our app #tax
Enter the code at checkout to win #code
Write us: info@example.com #contact
Our photo contest winners are on show until May. #art
She will tell us what she thinks on Friday at 8. #tv
Have a question about your order? We're here to help. #support
Any questions? Our chat is open. #help
Any questions about the course? Leave us your number. #course
Bring a photo of your pet and get 10% off a frame. #frames
Caption: the team at work #team
Ask for the manager's special @diner
You asked, we answered: #faq
Join the conversation with our experts at the webinar. #webinar
Vote for us in the awards! #awards
מה שלומכם? אנחנו בסדר #שבת
ענינו על כל השאלות שלכם במדריך #מדריך
ספרו לנו מה מידת הנעל ונשלח עוד היום #נעליים
התמונות שלכם בטוחות אצלנו #ענן
הזוכה בתחרות הצילום הוכרז אתמול #צילום
שתפו את המיקום בלחיצה #אפליקציה
תנו מתנה שתזכה לחיוך #מתנות
כתבו לנו בוואטסאפ #שירות
עזרו לנו לתרום 100 ארוחות #תרומה
Snap peas are in season. Recipe by @chefdana
Show us your ticket at the door for a free drink #JazzNight
The new bridge has a name: Rivergate. Thanks to everyone who voted #Rivergate
Our CFO answers analysts' questions on Thursday's call. #earnings
How do you take your coffee? Our new machine makes it five ways. #coffee
Post your parcels by 18 December #Christmas
Send a photo of your meter reading via the app #energy
Send in your application by Friday to win a place at our academy
צלמו את החשבון והעלו לאפליקציה תוך דקה #בנקאות
איך נראה יום בחיי אחות? הפרק החדש באוויר #פודקאסט
המנכ"ל עונה לשאלות האנליסטים ביום חמישי #דוחות
האונייה החדשה קיבלה שם: עגור #עגור
What are you waiting for? Book now. #SummerSale
How can we help you today? Call 555-1234. #HereToHelp
Did you know? Our cups are made of bamboo. #Bamboo
Why wait? Do you need a new bike? #RideOn
In one word: delicious. #Yum
What's the best way to cook rice? Our chef explains. #CookingTips
What is the best time to visit Rome? Our guide has your answer. #Rome
Who makes the best coffee in town? We do. #CoffeeLovers
How do you know your tires are worn? Five signs. #SafetyFirst
How much do you save with solar? Up to 40%. #Solar
Fans chose Maria as player of the year. #Handball
The public votes on Sunday in the local election. #Election
Our customers vote with their feet. #Loyalty
You choose the color, we paint the door. #Doors
You pick the size, we deliver tomorrow. #Pizza
Every message is encrypted. #Privacy
We'll print every photo you order by Friday. #PhotoBooks
We read every comment you leave on our survey. #Thanks
All comments are moderated. #HouseRules
No filters needed: just sea and sand. #Beach
Anything is possible with the right team. #GoTeam
Complete this form to get a quote. #Insurance
Bring your questions about your pension to our branch, call for an appointment. #Pension
Send your question to our support by email. #Support
What do you really need for a weekend hike? A list. #Hiking
First words matter: how babies learn. #Babies
Which of our teas should you drink at night? Chamomile. #TeaTime
What makes you sleep better? Science has an answer. #Sleep
Have a message for grandma? Our cards say it. #Cards
We publish all our accounts every year. #Transparency
The fans will decide nothing, the coach said. #Football
מה הכי חשוב בבחירת משכנתא? המומחים שלנו מסבירים. #משכנתא
איך בוחרים מזרן? מדריך קצר. #שינה טובה
למה אתם צריכים ביטוח נסיעות? חמש סיבות. #ביטוח
כמה אתם משלמים על חשמל? בדקו במחשבון שלנו. #חשמל
במילה אחת: טעים. #טעים
הציבור יבחר מחר ראש עיר. #בחירות
אתם בוחרים את הגודל, אנחנו אופים. #פיצה
כל הודעה מוצפנת. #פרטיות
כל תגובה חשובה לנו. #תודה
נפרסם את כל התוצאות ביום ראשון. #מרתון
השלימו את הטופס באתר. #ביטוח
הקהל בחר בשחקן העונה. #כדורסל
שלוש מילים: נוח, זול, קרוב. #נוחות
תביאו את הילדים ואת התיאבון. #שבת
איך היה הסוף שבוע? אצלנו היה חם. #קיץ
שאלתם? ענינו. #שאלות ותשובות
מה מזג האוויר מחר? גשם. #תחזית
מתי קניתם לאחרונה מזרן? מבצע עד שישי. #מבצע
Whatever you choose, we deliver it free.
Choose any two, no ifs, no buts.
Ask for anything and we will make it for you.
The most popular name for babies in 2026 is Noah.
Most popular ideas for gifts this year
You name it, we build it: custom shelves.
Help us name our puppy! Our trainers picked three: Juniper, Scout or Maple. Vote in the poll.
עזרו לנו לבחור שם לגורה! הצביעו בסקר בסטורי
בואו, אנחנו מחכים לשם גם בשבת
מה שתבחרו יגיע עד הבית
אתם שולחים, אנחנו מדפיסים: אלבומי תמונות עד הבית
""".strip().splitlines()


def find(
    text: str, organization: str = "", industry: str = "", account: str = "", **values: Any
) -> list[str]:
    """The texts that a guard finds in a draft."""
    parameters = Parameters(values)
    matcher = parse_open_invitation(parameters, TABLE)
    parameters.finish()
    facts = Draft(text=text, organization=organization, industry=industry, account=account)
    draft = AnalyzedDraft(facts, TABLE)
    return [draft.text_at(match.span) for match in matcher.matches(draft) if match.span is not None]


def test_a_phrase_that_excuses_the_draft_takes_all_requests_away() -> None:
    excused: dict[str, Any] = {"unless": ["museum", "ארכיון"]}
    assert find("Share your photos #MyDay. The museum collects them.", **excused) == []
    assert find("שתפו תמונות מהבית הישן #בית. הארכיון אוסף זיכרונות.", **excused) == []
    assert find("Share your photos #MyDay", **excused) == ["Share your photos"]


def test_what_an_expert_or_a_guide_answers_is_no_request_without_a_tag() -> None:
    assert find("Dr. Lopez answers your questions on Tuesday, at the clinic.") == []
    assert find("Dr. Lopez answers your questions on Tuesday. #AskLopez") != []
    assert find("Our CEO answers your questions on Tuesday.") == ["answers your questions"]


def test_an_open_invitation_is_found() -> None:
    assert [text for text in INVITATIONS if not find(text)] == []


def test_other_requests_are_not_invitations() -> None:
    assert {text: found for text in OTHER_POSTS if (found := find(text))} == {}


@pytest.mark.parametrize(
    ("text", "found"),
    [
        ("We make them. Post your best picture, tag us, and win!", ["Post your best picture, tag us"]),
        ("\u200eSend us a pho\u200bto of it. #MyDay", ["Send us a pho\u200bto"]),
        ("👋 SHARE YOUR STORY with #OurBank!", ["SHARE YOUR STORY"]),
        ("#חג! צילמתם? שלחו לנו תמונה ותייגו אותנו.", ["צילמתם? שלחו לנו תמונה ותייגו אותנו"]),
        ("ספר/י לנו על זה #סיפור", ["ספר/י לנו"]),
        (
            "Share your photos #a\n\nText between.\n\nTell us what you think.",
            ["Share your photos", "Tell us what"],
        ),
    ],
)
def test_the_words_that_ask_are_marked_once_in_a_sentence(text: str, found: list[str]) -> None:
    assert find(text) == found


def test_a_request_counts_beside_a_tag_or_a_prize_as_the_guard_requires() -> None:
    plain = "Share your photos of the lake"
    tagged, prize = f"{plain} #MyDay", f"{plain} and win"
    assert [bool(find(text)) for text in (plain, tagged, prize)] == [False, True, True]
    assert [bool(find(text, require=["tag"])) for text in (plain, tagged, prize)] == [False, True, False]
    assert [bool(find(text, require=["prize"])) for text in (plain, tagged, prize)] == [False, False, True]
    assert [bool(find(text, require=[])) for text in (plain, tagged, prize)] == [True, True, True]
    assert find("Write to share@example.com, and share your photos") == []
    assert find(f"We are #1. {plain}") == []
    assert find(f"{plain}. " + "Nothing else happens here. " * 30 + "#MyDay") == []


def test_a_guard_may_be_about_concepts_and_industries() -> None:
    about: dict[str, Any] = {"concepts": ["weapons"], "industries": ["defense"]}
    text = "Share your photos #MyDay"
    assert find(text, **about) == []
    assert find(text, industry="food", **about) == []
    assert find(text, industry="defense", **about) == ["Share your photos"]
    assert find(text, organization="Drones of the North", **about) == ["Share your photos"]
    for account in ("@NorthDrones", "north_drones"):
        assert find(text, account=account, **about) == ["Share your photos"], account
    assert find(text, account="@NorthBakery", **about) == []
    assert find("Share your photos of our missiles #MyDay", **about) == ["Share your photos"]


def test_nothing_is_found_in_exceptions() -> None:
    exceptions: dict[str, Any] = {"except": ["share your photo", "שתפו תמונה"]}
    assert find("Share your photos #MyDay", **exceptions) == []
    assert find("שתפו תמונות #יום", **exceptions) == []


def test_an_unknown_parameter_is_refused() -> None:
    for values in ({"require": ["tags"]}, {"concepts": ["weapon"]}, {"tag": True}):
        with pytest.raises(GuardError, match=r"Did you mean|There are"):
            find("Share your photos", **values)


PIECES = st.sampled_from(
    [
        "share your photos",
        "#MyDay",
        "win",
        "tag us",
        "שלחו לנו תמונה",
        "ספר/י לנו",
        "!",
        ". ",
        "\n",
        "\u200f",
        "@",
        "📸",
        "ask us anything",
    ]
)


@given(st.lists(PIECES, max_size=25))
def test_spans_lie_in_the_text_in_order(pieces: list[str]) -> None:
    text = " ".join(pieces)
    draft = AnalyzedDraft(Draft(text=text), TABLE)
    spans = [match.span for match in parse_open_invitation(Parameters({}), TABLE).matches(draft)]
    end = 0
    for span in spans:
        assert span is not None
        assert end <= span.start < span.end <= len(text)
        assert draft.text_at(span).strip() == draft.text_at(span)
        end = span.end
