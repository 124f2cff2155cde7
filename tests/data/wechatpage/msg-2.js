    (function() {
        var msgArray = ["\t<div class=\"msg chat left \" msgid=\"1010\" msgtype=\"1\">\n<div class=\"nt-box\"><span class=\"dspname left\" wxId=\"wxid_a\">\u50ac\u6536\u5c0f\u738b</span> 2024-04-06 00:04:12</div>\n<div class=\"content-box\"><span class=\"dont-break-out msg-text\"><pre>\u5728\u5417</pre></span></div></div>\n","\t<div class=\"msg chat-notice fmsgtag\" msgid=\"\"><span class=\"dont-break-out\">&lt;&lt; \u804a\u5929\u8bb0\u5f55</span></div>\n","\t<div class=\"msg chat left \" msgid=\"1011\" msgtype=\"1\"><div class=\"nt-box\"><span class=\"dspname left\">\u5f20\u4e09</span> 2024-04-01 08:00:00</div><div class=\"content-box\"><span class=\"dont-break-out msg-text\"><pre>\u65e7\u8bdd</pre></span></div></div>\n","\t<div class=\"msg chat-notice fmsgtag\" msgid=\"\"><span class=\"dont-break-out\">\u804a\u5929\u8bb0\u5f55 &gt;&gt;</span></div>\n"];
        for (var idx = 0; idx < msgArray.length; idx++)
        {
          window.moreWechatMsgs.push(msgArray[idx]);
        }
        msgArray = null;
        loadMsgsForNextPage();
    })();
