//! `LookupEvents`: the events of an account in a Region, the newest first.
//!
//! <https://docs.aws.amazon.com/awscloudtrail/latest/APIReference/API_LookupEvents.html>
//!
//! SECURITY: account and Region are the caller's own and part of every look, and every event is held
//! against them again before it is shown, as [`audit::shown`] gives it.

use crate::audit;
use crate::authorize::{Action, Resource};
use crate::cloudtrail::error::Error;
use crate::cloudtrail::shapes::{ATTRIBUTES, CATEGORY, LookupAttribute, MOMENT, NUMBER, TEXT};
use crate::cx::Cx;
use crate::operation::Operation;
use crate::paging::Listing;
use crate::ports::{HistoryPage, StreamedEvent};
use crate::tx::Reply;
use ::audit::Described;
use ::audit::index::{Attribute, Question, Sought};
use base::Timestamp;
use wire::json;

pub(crate) struct LookupEvents;

wire::input! {
    /// What `LookupEvents` takes.
    pub(crate) struct Input {
        attributes: Option<Vec<LookupAttribute>> = audited "LookupAttributes" ATTRIBUTES,
        start: Option<i64> = audited "StartTime" MOMENT,
        end: Option<i64> = audited "EndTime" MOMENT,
        category: Option<String> = audited "EventCategory" CATEGORY,
        most: Option<i64> = audited "MaxResults" NUMBER,
        next_token: Option<String> = "NextToken" TEXT,
    }
}

pub(crate) struct Output {
    events: Vec<StreamedEvent>,
    next: Option<String>,
}

impl Operation for LookupEvents {
    const NAME: &'static str = "LookupEvents";
    type Input = Input;
    type Output = Output;
    type Error = Error;

    async fn run(cx: &Cx<'_>, input: &Input) -> Result<Reply<Output>, Error> {
        let resource = Resource::none(cx.account());
        let permit = cx.authorize(Action("cloudtrail:LookupEvents"), resource)?;

        let most = input.most()?;
        let attribute = input.attribute()?;
        if input
            .start
            .zip(input.end)
            .is_some_and(|(start, end)| start > end)
        {
            return Err(Error::InvalidTimeRange);
        }
        let asked = input.asked();
        let asked: Vec<&[u8]> = asked.iter().map(String::as_bytes).collect();
        let listing = Listing {
            operation: Self::NAME,
            question: &asked,
        };
        let before: u64 = match &input.next_token {
            Some(token) => listing.cursor(cx, token)?,
            None => u64::MAX,
        };
        let page = match &input.category {
            // COMPAT: nothing here has insights into events.
            Some(_) => HistoryPage::default(),
            None => {
                let question = input.question(cx, attribute, before);
                cx.app.history.look_up(question, most).await?
            }
        };
        let next = page.next.map(|next| listing.token(cx, &next)).transpose()?;
        let recorded = cx.begin().finish(cx.event(&permit)).await?;

        Ok(recorded.reply(Output {
            events: page.events,
            next,
        }))
    }
}

impl Input {
    fn most(&self) -> Result<usize, Error> {
        let most = self.most.unwrap_or(LARGEST_PAGE);
        match usize::try_from(most) {
            Ok(size) if (1..=LARGEST_PAGE).contains(&most) => Ok(size),
            _ => Err(Error::InvalidMaxResults),
        }
    }

    fn attribute(&self) -> Result<Option<(Attribute, String)>, Error> {
        let refuse = |text: &str| Err(Error::InvalidLookupAttributes(text.to_owned()));
        let given = match self.attributes.as_deref().unwrap_or_default() {
            [] => return Ok(None),
            [one] => one,
            _ => return refuse(ONE_ONLY),
        };
        let attribute = match given.key.as_str() {
            "AccessKeyId" => Attribute::AccessKeyId,
            "EventId" => Attribute::EventId,
            "EventName" => Attribute::EventName,
            "EventSource" => Attribute::EventSource,
            "ReadOnly" if !["true", "false"].contains(&given.value.as_str()) => {
                return refuse(NOT_TRUTH);
            }
            "ReadOnly" => Attribute::ReadOnly,
            "ResourceName" => Attribute::ResourceName,
            "ResourceType" => Attribute::ResourceType,
            _ => Attribute::Username,
        };
        Ok(Some((attribute, given.value.clone())))
    }

    /// What decides which events are shown.
    fn asked(&self) -> [String; 5] {
        let moment = |moment: Option<i64>| moment.map(|it| it.to_string()).unwrap_or_default();
        let given = self.attributes.iter().flatten().next();
        let given = given.map(|given| (given.key.clone(), given.value.clone()));
        let (key, value) = given.unwrap_or_default();
        [
            key,
            value,
            moment(self.start),
            moment(self.end),
            self.category.clone().unwrap_or_default(),
        ]
    }

    fn question(
        &self,
        cx: &Cx<'_>,
        attribute: Option<(Attribute, String)>,
        before: u64,
    ) -> Question {
        let oldest = cx.now().plus_days(-DAYS).as_millis().div_euclid(1_000);
        Question {
            sought: Sought {
                account: cx.account().to_string(),
                region: cx.region.to_string(),
                attribute,
            },
            from: self.start.unwrap_or(oldest).max(oldest),
            to: self.end.unwrap_or(i64::MAX),
            before,
        }
    }
}

impl json::Output for Output {
    fn write(&self, object: &mut json::Object<'_>) {
        object.objects("Events", &self.events, |event, entry| {
            let record = audit::shown(&event.record).unwrap_or_default();
            let Some(described) = Described::of(&record) else {
                return;
            };
            entry.text("EventId", &described.event_id);
            entry.text("EventName", &described.event_name);
            entry.text(
                "ReadOnly",
                if described.read_only { "true" } else { "false" },
            );
            entry.opt_text("AccessKeyId", described.access_key_id.as_deref());
            let time = described.time.saturating_mul(1_000);
            entry.timestamp("EventTime", Timestamp::from_millis(time));
            entry.text("EventSource", &described.event_source);
            entry.opt_text("Username", described.username.as_deref());
            entry.objects("Resources", &described.resources, |resource, one| {
                one.opt_text("ResourceType", resource.kind.as_deref());
                one.text("ResourceName", &resource.name);
            });
            entry.text("CloudTrailEvent", &String::from_utf8_lossy(&record));
        });
        object.opt_text("NextToken", self.next.as_deref());
    }
}

const LARGEST_PAGE: i64 = 50;
const DAYS: i64 = 90;
const ONE_ONLY: &str = "You can specify only one lookup attribute.";
const NOT_TRUTH: &str = "The value of the lookup attribute ReadOnly must be true or false.";
