// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "policy/look.h"

// Rules about the text: signature, marker, content, length. They run once, at admission.
namespace tact::policy::rule {

void text_invalid(Look&);
void sig_multi(Look&);
void sig_unregistered(Look&);
void sig_class(Look&);
void sig_prepend(Look&);
void marker_append(Look&);
void marker_keyword_live(Look&);
void contact_missing(Look&);
void class_mismatch(Look&);
void otp_keyword(Look&);
void otp_promo(Look&);
void otp_link(Look&);
void link_not_allowed(Look&);
void pii_pan(Look&);
void pii_id(Look&);
void var_unfilled(Look&);
void lexicon(Look&);  // every LEX_* whose category is on for the class
void adv(Look&);
void apr_missing(Look&);
void segments(Look&);

}  // namespace tact::policy::rule
