//! The sign-in page as HTML.
//! May touch: nothing (pure).
//! Standards: HTML (autocomplete of forms), WCAG 2.2 (labels, status messages).

use maud::{DOCTYPE, Markup, html};

/// What the page asks for. A second step, or a button of another place that knows the person, has its form here when
/// there is something behind it.
#[derive(Debug, Clone, Copy)]
pub(super) enum Step {
    /// User name and password.
    Password,
}

/// What the page says above the form.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Notice {
    /// Nothing.
    None,
    /// Name or password are wrong, or the account is disabled: it is not said which.
    Wrong,
    /// Too many tries; so many seconds to wait.
    Wait(u64),
    /// Too many sign-ins at once.
    Busy,
    /// The form came from another site.
    OtherSite,
    /// The browser would keep no session.
    NotEncrypted,
    /// The audit log cannot be written.
    Broken,
}

impl Notice {
    fn text(self) -> Option<String> {
        match self {
            Notice::None => None,
            Notice::Wrong => Some("The user name or the password is wrong.".to_owned()),
            Notice::Wait(1) => Some("Too many tries. Wait a second, then try again.".to_owned()),
            Notice::Wait(seconds) => Some(format!("Too many tries. Wait {seconds} seconds, then try again.")),
            Notice::Busy => Some("The server is busy. Try again in a moment.".to_owned()),
            Notice::OtherSite => Some("The form came from another site. Sign in here.".to_owned()),
            Notice::NotEncrypted => Some(
                "This address is not encrypted, so your browser will not keep you signed in. Use the https address."
                    .to_owned(),
            ),
            Notice::Broken => {
                Some("The sign-in could not be recorded, so it was refused; see the service log.".to_owned())
            }
        }
    }
}

/// All that is on the page.
#[derive(Debug)]
pub(super) struct Page<'a> {
    pub(super) server: &'a str,
    pub(super) user: &'a str,
    pub(super) to: &'a str,
    pub(super) notice: &'a Notice,
    pub(super) step: Step,
}

/// The page.
pub(super) fn draw(page: &Page<'_>) -> String {
    let notice = page.notice.text();
    html! {
        (DOCTYPE)
        html lang="en" {
            head {
                meta charset="utf-8";
                meta name="viewport" content="width=device-width, initial-scale=1";
                title { "Sign in – Postroom" }
                link rel="stylesheet" href="/sign-in.css";
                link rel="icon" href="data:,";
            }
            body {
                main {
                    h1 { "Sign in" }
                    p.server { "Postroom admin center · " (page.server) }
                    @if let Some(notice) = &notice {
                        p.message #message role="alert" { (notice) }
                    }
                    @match page.step {
                        Step::Password => (password(page, notice.is_some())),
                    }
                }
            }
        }
    }
    .into_string()
}

fn password(page: &Page<'_>, has_message: bool) -> Markup {
    let described = has_message.then_some("message");
    let is_known = !page.user.is_empty();
    html! {
        form method="post" action="/sign-in" {
            input type="hidden" name="return" value=(page.to);
            label for="user" { "User name" }
            input #user name="user" type="text" value=(page.user) autocomplete="username" autocapitalize="none"
                spellcheck="false" maxlength="320" required autofocus[!is_known] aria-describedby=[described];
            label for="password" { "Password" }
            input #password name="password" type="password" autocomplete="current-password" required
                autofocus[is_known] aria-describedby=[described];
            button type="submit" { "Sign in" }
        }
    }
}
